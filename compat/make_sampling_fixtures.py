"""Makes the fixture of sampling: scores, settings, and the probabilities that Transformers draws from with them.

usage: python make_sampling_fixtures.py ../core/src/test/resources/dev/shoestring/generate/sampling.json
needs: torch, transformers

The chain is the one that generate() builds: repetition penalty, temperature, top-k, top-p, min-p. Scores are multiples of 1/64,
no two of a case equal: so reading them as single or double precision makes no difference, nor the order of equal ones.
"""
import json, sys, torch
known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
from transformers import (LogitsProcessorList, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper,
                          TopPLogitsWarper)

torch.manual_seed(11)
cases = []
for case in range(60):
    logits = torch.randn(1, 50).argsort().argsort() * 0.25 - 6 + torch.randn(1, 50).mul(4).round() / 64  # no two are equal
    pick = lambda *values: values[torch.randint(len(values), ()).item()]
    s = dict(temperature=pick(1.0, 0.5, 0.7, 1.5), top_k=pick(0, 0, 1, 5, 20, 50, 80), top_p=pick(1.0, 0.95, 0.8, 0.5, 0.1), min_p=pick(0.0, 0.0, 0.05, 0.3),
             repetition_penalty=pick(1.0, 1.0, 1.3, 0.8))
    seen = torch.randint(0, 50, (1, 8))
    chain = LogitsProcessorList()
    if s["repetition_penalty"] != 1: chain.append(RepetitionPenaltyLogitsProcessor(s["repetition_penalty"]))
    if s["temperature"] != 1: chain.append(TemperatureLogitsWarper(s["temperature"]))
    if s["top_k"] > 0: chain.append(TopKLogitsWarper(s["top_k"]))
    if s["top_p"] < 1: chain.append(TopPLogitsWarper(s["top_p"]))
    if s["min_p"] > 0: chain.append(MinPLogitsWarper(s["min_p"]))
    probabilities = chain(seen, logits.double()).softmax(-1)
    cases.append(dict(settings=s, seen=seen[0].tolist(), logits=logits[0].tolist(), probabilities=probabilities[0].tolist()))
with open(sys.argv[1], "w") as out:
    json.dump(cases, out, separators=(",", ":"))
print(len(cases), "cases")
