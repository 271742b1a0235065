"""Greedy generation in Transformers: tokens a second of reading prompts and of writing after them, as GenerationBenchmark counts them.

Reading is a generation of one token; writing is what the others take, the first left out.
"""
import time

import torch
from timed import dtype, median, options, report
from decoder_shape import decoder

o = options(model="", layers=8, width=512, vocab=8192, context=128, batch=1, new_tokens=64, steps=5)
if o.model:
    from transformers import AutoModelForCausalLM
    model = AutoModelForCausalLM.from_pretrained(o.model, dtype=dtype(o))
else:
    model = decoder(o, 2048, dtype(o))
model.eval()
model.generation_config.eos_token_id = None
reading, writing = [], []


def seconds(ids, tokens):
    start = time.perf_counter()
    model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False, pad_token_id=0)
    return time.perf_counter() - start


for i in range(o.steps + 1):
    ids = torch.randint(model.config.vocab_size, (o.batch, o.context))
    one, all_of_them = seconds(ids, 1), seconds(ids, o.new_tokens)
    if i:
        reading.append(o.batch * o.context / one)
        writing.append(o.batch * (o.new_tokens - 1) / (all_of_them - one))
report("generation", o, engine="transformers", variant="trained" if o.model else "random", batch=o.batch,
       params=sum(p.numel() for p in model.parameters()), prompt_tokens_per_s=median(reading), tokens_per_s=median(writing))
