"""Compares what `task: preference` measured on held-out pairs with the formula written out in PyTorch, on Transformers' own network.

usage: python check_preference.py BASE RUN PAIRS
needs: torch, transformers

BASE is the model folder that training began from, RUN the finished run's folder (adapt: full, precision: fp32), PAIRS the JSONL file of
`data.validation` with `prompt`, `chosen` and `rejected` as texts, none of them longer than `data.sequence_length`.
"""
import json, pathlib, sys, torch, torch.nn.functional as F
known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
from transformers import AutoModelForCausalLM, AutoTokenizer

base, run, pairs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
summary = json.loads((run / "summary.json").read_text())
settings = {}
for line in (run / "recipe.yaml").read_text().split("preference:\n")[1].splitlines():
    if not line.startswith(" "):
        break
    key, value = line.split(":")
    settings[key.strip()] = float(value)
tokenizer = AutoTokenizer.from_pretrained(run / "model")
policy = AutoModelForCausalLM.from_pretrained(run / "model", dtype=torch.float32).eval()
reference = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()


def log_probability(net, prompt, answer):
    turns = [{"role": "user", "content": prompt}]
    start = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(turns + [{"role": "assistant", "content": answer}], tokenize=False).rstrip("\n")
    first = len(tokenizer(start, add_special_tokens=False).input_ids)
    ids = torch.tensor([tokenizer(whole, add_special_tokens=False).input_ids])
    with torch.no_grad():
        logs = F.log_softmax(net(input_ids=ids).logits[0, :-1].double(), -1)
    each = logs.gather(1, ids[0, 1:, None])[first - 1:, 0]
    return each.sum(), len(each)


losses, margins = [], []
for line in pairs.read_text().splitlines():
    one = json.loads(line)
    chosen, tokens = log_probability(policy, one["prompt"], one["chosen"])
    rejected, _ = log_probability(policy, one["prompt"], one["rejected"])
    chosen_before, _ = log_probability(reference, one["prompt"], one["chosen"])
    rejected_before, _ = log_probability(reference, one["prompt"], one["rejected"])
    h = settings["beta"] * ((chosen - chosen_before) - (rejected - rejected_before))
    smoothing = settings["label_smoothing"]
    losses.append(-(1 - smoothing) * F.logsigmoid(h) - smoothing * F.logsigmoid(-h) - settings["sft_weight"] * chosen / tokens)
    margins.append(h)
margins = torch.stack(margins)
measured = summary["preference"]["after"]
for name, ours, theirs in [
        ("loss", measured["loss"], torch.stack(losses).mean().item()),
        ("reward margin", measured["reward_margin"], margins.mean().item()),
        ("accuracy", measured["accuracy"], (margins > 0).double().mean().item())]:
    print(f"{name}: {ours:.7f}, PyTorch {theirs:.7f}, difference {abs(ours - theirs):.1e}")
    assert abs(ours - theirs) < 1e-5, name
print(f"{len(losses)} pairs: equal")
