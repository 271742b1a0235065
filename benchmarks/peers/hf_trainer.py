"""A classification job as users of Hugging Face write it: Trainer with its defaults but for the rate, the batch and bf16.

usage: hf_trainer.py FOLDER [--epochs 3 --batch 32 --lr 1e-4 --seed 1 --precision bf16 --rank 0]
FOLDER is what DefinitionsFiles writes. With --rank: LoRA by PEFT on all matrices. Prints one JSON line.
"""
import time

started = time.perf_counter()
import argparse
import csv
import json
import os
import tempfile

import timed
import torch

timed.allow_mismatched_torchvision()
import transformers

parser = argparse.ArgumentParser()
parser.add_argument("folder")
for name, value in dict(epochs=3.0, batch=32, lr=1e-4, seed=1, precision="bf16", rank=0).items():
    parser.add_argument("--" + name, type=type(value), default=value)
chosen = parser.parse_args()
torch.set_num_threads(int(os.environ.get("PEER_THREADS", "2")))


def rows(split):
    with open(f"{chosen.folder}/{split}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


train, test = rows("train"), rows("test")
labels = sorted({row["label"] for row in train})
tokenizer = transformers.AutoTokenizer.from_pretrained(chosen.folder + "/model")


def encoded(some):
    return [{**tokenizer(row["text"], truncation=True, max_length=64), "labels": labels.index(row["label"])} for row in some]


model = transformers.AutoModelForSequenceClassification.from_pretrained(chosen.folder + "/model", num_labels=len(labels))
if chosen.rank:
    import peft

    model = peft.get_peft_model(model, peft.LoraConfig(
        task_type="SEQ_CLS", r=chosen.rank, lora_alpha=2 * chosen.rank, target_modules=["query", "key", "value", "dense"]))
scratch = tempfile.TemporaryDirectory()
arguments = transformers.TrainingArguments(
    scratch.name, num_train_epochs=chosen.epochs, per_device_train_batch_size=chosen.batch, learning_rate=chosen.lr,
    bf16=chosen.precision == "bf16", use_cpu=True, seed=chosen.seed, report_to=[], save_strategy="no", disable_tqdm=True)
trainer = transformers.Trainer(model=model, args=arguments, train_dataset=encoded(train),
                               data_collator=transformers.DataCollatorWithPadding(tokenizer))
before = time.perf_counter()
trainer.train()
trained = time.perf_counter() - before
held = encoded(test)
scores = trainer.predict(held).predictions
scores = scores[0] if isinstance(scores, tuple) else scores
right = sum(int(row.argmax()) == example["labels"] for row, example in zip(scores, held))
print(json.dumps(dict(side="hugging face trainer", rank=chosen.rank, precision=chosen.precision, seed=chosen.seed, examples=len(train),
                      test_accuracy=round(right / len(held), 4), train_seconds=round(trained, 1),
                      wall_seconds=round(time.perf_counter() - started, 1), peak_mib=timed.peak_mib())), flush=True)
