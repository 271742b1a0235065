#!/usr/bin/env python3
"""Compares a tokenizer of `shoestring tokenizer train` with one that Hugging Face's `tokenizers` trains on the same text.

    pip install tokenizers transformers
    shoestring tokenizer train --data text.txt --vocab 4096 --out FOLDER
    compat/check_bpe_trainer.py FOLDER text.txt
"""
import json
import sys
import time

from tokenizers import Tokenizer, models, pre_tokenizers, trainers


def main():
    folder, text = sys.argv[1], open(sys.argv[2], encoding="utf-8").read()
    ours = json.load(open(f"{folder}/tokenizer.json", encoding="utf-8"))
    special = [token["content"] for token in ours["added_tokens"]]
    theirs = Tokenizer(models.BPE())
    theirs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=len(ours["model"]["vocab"]),
        min_frequency=2,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    start = time.perf_counter()
    theirs.train_from_iterator([text], trainer)
    seconds = time.perf_counter() - start
    merges = [tuple(pair) if isinstance(pair, list) else tuple(pair.split(" ")) for pair in json.loads(theirs.to_str())["model"]["merges"]]
    own = [tuple(pair.split(" ")) for pair in ours["model"]["merges"]]
    print(f"merges: {len(own)} ours, {len(merges)} theirs")
    print(f"in both: {len(set(own) & set(merges)) / len(merges):.2%}; at the same rank: {sum(a == b for a, b in zip(own, merges)) / len(merges):.2%}")
    print(f"their training took {seconds:.2f} s")
    read = Tokenizer.from_file(f"{folder}/tokenizer.json")
    ids = read.encode(text).ids
    assert read.decode(ids, skip_special_tokens=False) == text, "the text does not come back"
    print(f"read by tokenizers: {len(ids)} tokens, {len(text.encode()) / len(ids):.3f} bytes a token; the text comes back")
    import torch

    register = torch.library.register_fake
    # a torchvision that was built for another PyTorch must not keep transformers from loading
    torch.library.register_fake = lambda name, *rest, **more: (
        (lambda function: function) if str(name).startswith("torchvision::") else register(name, *rest, **more)
    )
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.encode(text[:10000], add_special_tokens=False) == read.encode(text[:10000]).ids
    print(f"read by transformers: {type(tokenizer).__name__}, eos {tokenizer.eos_token}, pad {tokenizer.pad_token}")


main()
