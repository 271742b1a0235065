"""The LoRA job of benchmarks/lora-against-trl in TRL and PEFT, and the judge of both results.

python trl_lora.py corpus DATA.json FOLDER [TEXT ...]  corpus.txt for the base: what is not held out of the conversations, and other files
python trl_lora.py split DATA.json BASE FOLDER      train.jsonl and held-out.jsonl of the conversations that fit 512 tokens
python trl_lora.py train BASE FOLDER                SFTTrainer on train.jsonl; the merged model goes to FOLDER/trl-model; one JSON line
python trl_lora.py judge MODEL FOLDER               loss a token of the answers in held-out.jsonl, by Transformers; one JSON line
The judge counts an answer and the mark that ends it. The line break after the mark, which nobody generates, TRL trains on and we do not: the
loss with it is given beside.
"""
import gzip
import hashlib
import json
import os
import pathlib
import random
import re
import sys
import time

started = time.perf_counter()
import torch  # noqa: E402
from timed import allow_mismatched_torchvision, peak_mib  # noqa: E402

allow_mismatched_torchvision()
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

LONGEST, RANK, ALPHA, RATE, EPOCHS, BATCH, SEED = 512, 16, 32, 1e-3, 1, 8, 1
torch.set_num_threads(int(os.environ.get("PEER_THREADS", "2")))


def records(file):
    return [json.loads(line) for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines()]


def pieces(tokenizer, messages, **how):
    return tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False, **how)


def conversations(data):
    """Question and answer of each record, and whether it is held out: a tenth, by its question, whatever the tokenizer."""
    for one in json.loads(pathlib.Path(data).read_text(encoding="utf-8")):
        asked = one["instruction"] + ("\n" + one["input"] if one.get("input") else "")
        if one["output"].strip():
            yield asked, one["output"], hashlib.sha256(asked.encode()).digest()[0] < 26


def texts(file):
    """The documents of a file: of JSON records their texts, of JSONL too; otherwise what stands between blank lines."""
    text = (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf-8").read()
    plain = file.removesuffix(".gz")
    if plain.endswith((".json", ".jsonl")):
        found = json.loads(text) if plain.endswith(".json") else [json.loads(line) for line in text.splitlines()]
        return ["\n".join(strings(one)) for one in found]
    return text.split("\n\n")


def strings(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    return [text for one in value for text in strings(one)] if hasattr(value, "__iter__") else []


def corpus(data, folder, *more):
    held = {asked for asked, _, out in conversations(data) if out}
    documents = [asked + "\n" + answer for asked, answer, out in conversations(data) if not out]
    documents += [text for file in more for text in texts(file) if not any(asked in text for asked in held)]
    random.Random(SEED).shuffle(documents)
    lines = (re.sub(r"\n\s*\n", "\n", one).strip() for one in documents)
    (pathlib.Path(folder) / "corpus.txt").write_text("\n\n".join(line for line in lines if line), encoding="utf-8")


def split(data, base, folder):
    tokenizer = AutoTokenizer.from_pretrained(base)
    parts = {"held-out": [], "train": []}
    for asked, answer, held in conversations(data):
        messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
        if len(pieces(tokenizer, messages)) <= LONGEST:
            parts["held-out" if held else "train"].append({"messages": messages})
    for name, part in parts.items():
        random.Random(SEED).shuffle(part)
        (pathlib.Path(folder) / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in part), encoding="utf-8")


def train(base, folder):
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer
    rows = [dict(prompt=one["messages"][:-1], completion=one["messages"][-1:]) for one in records(pathlib.Path(folder) / "train.jsonl")]
    arguments = SFTConfig(output_dir=str(pathlib.Path(folder) / "trl"), num_train_epochs=EPOCHS, per_device_train_batch_size=BATCH,
                          learning_rate=RATE, lr_scheduler_type="cosine", warmup_steps=0.05, max_length=LONGEST, bf16=True, use_cpu=True,
                          seed=SEED, report_to=[], save_strategy="no", logging_strategy="no", disable_tqdm=True, weight_decay=0.0,
                          gradient_checkpointing=False)
    lora = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM")
    trainer = SFTTrainer(model=base, args=arguments, train_dataset=Dataset.from_list(rows), peft_config=lora)
    begin = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - begin
    model = pathlib.Path(folder) / "trl-model"
    trainer.model.merge_and_unload().save_pretrained(model)
    AutoTokenizer.from_pretrained(base).save_pretrained(model)
    print(json.dumps(dict(side="trl", conversations=len(rows), steps=trainer.state.global_step, train_seconds=round(seconds, 1),
                          wall_seconds=round(time.perf_counter() - started, 1), peak_mib=peak_mib())))


def judge(model, folder):
    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    total, count, after, turns = 0.0, 0, 0.0, 0
    with torch.no_grad():
        for one in records(pathlib.Path(folder) / "held-out.jsonl"):
            ids = pieces(tokenizer, one["messages"])
            asked = len(pieces(tokenizer, one["messages"][:-1], add_generation_prompt=True))
            scores = network(torch.tensor([ids])).logits[0, asked - 1:-1]
            losses = torch.nn.functional.cross_entropy(scores, torch.tensor(ids[asked:]), reduction="none")
            end = len(ids) - asked
            while not tokenizer.decode(ids[asked + end - 1]).strip():
                end -= 1
            total += losses[:end].sum().item()
            after += losses[end:].sum().item()
            count += end
            turns += len(ids) - asked - end
    print(json.dumps(dict(model=pathlib.Path(model).name, held_out_loss=round(total / count, 4), tokens=count,
                          with_white_space_after_turns=round((total + after) / (count + turns), 4))))


{"corpus": corpus, "split": split, "train": train, "judge": judge}[sys.argv[1]](*sys.argv[2:])
