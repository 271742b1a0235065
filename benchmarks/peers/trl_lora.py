"""The LoRA job of benchmarks/lora-against-trl in TRL and PEFT, and the judge of both results.

python trl_lora.py split DATA.json BASE FOLDER      train.jsonl and held-out.jsonl of the conversations that fit 512 tokens
python trl_lora.py train BASE FOLDER                SFTTrainer on train.jsonl; the merged model goes to FOLDER/trl-model; one JSON line
python trl_lora.py judge MODEL FOLDER               loss a token of the answers in held-out.jsonl, by Transformers; one JSON line
"""
import json
import os
import pathlib
import random
import sys
import time

started = time.perf_counter()
import torch  # noqa: E402
from timed import allow_mismatched_torchvision, peak_mib  # noqa: E402

allow_mismatched_torchvision()
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

LONGEST, RANK, ALPHA, RATE, EPOCHS, BATCH, SEED = 512, 16, 32, 1e-3, 2, 8, 1
torch.set_num_threads(int(os.environ.get("PEER_THREADS", "2")))


def records(file):
    return [json.loads(line) for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines()]


def pieces(tokenizer, messages, **how):
    return tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False, **how)


def split(data, base, folder):
    tokenizer = AutoTokenizer.from_pretrained(base)
    kept = []
    for one in json.loads(pathlib.Path(data).read_text(encoding="utf-8")):
        asked = one["instruction"] + ("\n" + one["input"] if one.get("input") else "")
        messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": one["output"]}]
        if one["output"].strip() and len(pieces(tokenizer, messages)) <= LONGEST:
            kept.append({"messages": messages})
    random.Random(SEED).shuffle(kept)
    held = max(1, len(kept) // 10)
    for name, part in (("held-out", kept[:held]), ("train", kept[held:])):
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
    total, count = 0.0, 0
    with torch.no_grad():
        for one in records(pathlib.Path(folder) / "held-out.jsonl"):
            ids = pieces(tokenizer, one["messages"])
            asked = len(pieces(tokenizer, one["messages"][:-1], add_generation_prompt=True))
            scores = network(torch.tensor([ids])).logits[0, asked - 1:-1]
            total += torch.nn.functional.cross_entropy(scores, torch.tensor(ids[asked:]), reduction="sum").item()
            count += len(ids) - asked
    print(json.dumps(dict(model=pathlib.Path(model).name, held_out_loss=round(total / count, 4), tokens=count)))


{"split": split, "train": train, "judge": judge}[sys.argv[1]](*sys.argv[2:])
