#!/usr/bin/env python3
"""Shows that transformers and we continue 20 prompts with the same tokens and the same text, the most probable piece each time.

    pip install torch transformers
    compat/check_generation.py prompts > prompts.txt
    ./shoestring generate MODEL --file prompts.txt --max-tokens 60 --precision fp32 --temperature 0 --json > generated.json
    compat/check_generation.py MODEL generated.json
"""
import json
import sys

import torch

known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = """Once upon a time
One day, a little girl
The dog was very
Tom and Lily went to the park
"Hello," said the cat
There was a big red ball
In the forest there lived
Mom said
The sun was
A boy named Tim liked to
She was sad because
He found a small box. Inside
They played all day and then
The bird could not fly
"Can I have some cake?"
Sara had a new toy
It was raining, so
The old man smiled and
At night the moon
Ben wanted to be brave. He""".splitlines()


def main():
    if sys.argv[1] == "prompts":
        print("\n".join(PROMPTS))
        return
    model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    generations = json.load(open(sys.argv[2], encoding="utf-8"))["generations"]
    assert len(generations) == len(PROMPTS), len(generations)
    for ours in generations:
        ids = tokenizer(ours["prompt"], return_tensors="pt").input_ids
        assert ids[0].tolist() == ours["prompt_ids"], (ours["prompt"], ids[0].tolist(), ours["prompt_ids"])
        with torch.no_grad():
            theirs = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=len(ours["ids"]), do_sample=False)[0]
        assert theirs[ids.shape[1]:].tolist() == ours["ids"], (ours["prompt"], theirs.tolist(), ours["ids"])
        text = tokenizer.decode(theirs, skip_special_tokens=True)
        assert text == ours["prompt"] + ours["text"], (text, ours["prompt"] + ours["text"])
    print(f"{len(generations)} prompts, {sum(len(ours['ids']) for ours in generations)} tokens: all equal")


main()
