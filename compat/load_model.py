#!/usr/bin/env python3
"""Shows that transformers reads a run's model/ with no missing or unexpected key and gives the probabilities that `shoestring predict` gives.

    pip install torch transformers
    ./shoestring predict runs/latest --file texts.txt --json > predictions.json
    compat/load_model.py runs/latest predictions.json
"""
import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TOLERANCE = 2e-5


def main():
    folder = sys.argv[1] + "/model"
    predictions = json.load(open(sys.argv[2], encoding="utf-8"))
    model, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not info[problem], (problem, info[problem])
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    limit = getattr(model.config, "shoestring_max_tokens", 512)
    worst = 0.0
    for prediction in predictions:
        tokens = tokenizer(prediction["text"], truncation=True, max_length=limit, return_tensors="pt")
        with torch.no_grad():
            probabilities = model(**tokens).logits.softmax(-1)[0]
        for index, label in model.config.id2label.items():
            worst = max(worst, abs(float(probabilities[index]) - prediction["probabilities"][label]))
    print(f"{len(predictions)} texts, {len(model.config.id2label)} labels: largest difference of a probability {worst:.2e}")
    assert worst <= TOLERANCE, worst


main()
