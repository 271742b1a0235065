#!/usr/bin/env python3
"""Renders and encodes conversations, and encodes texts, with transformers and with shoestring, and counts where they differ.

    pip install transformers
    compat/check_chat_templates.py TOKENIZER_JSON CONVERSATIONS.json[l] TEXTS.txt [-- COMMAND that starts shoestring]

Conversations are in the alpaca or ShareGPT form; the first 200 are taken, and 10,000 stretches of the texts.
"""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from chat_templates import TEMPLATES, tokenizer, transformers

ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system",
         "function_call": "assistant", "observation": "tool"}


def conversation(record):
    if "conversations" in record:
        return [{"role": ROLES[turn["from"]], "content": turn["value"]} for turn in record["conversations"]]
    question = record["instruction"] + ("\n" + record["input"] if record.get("input") else "")
    return [{"role": "user", "content": question}, {"role": "assistant", "content": record["output"]}]


def ours(command, folder, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([*command, "tokenizer", "pipe", str(folder)], input=text, capture_output=True, encoding="utf-8")
    if done.returncode:
        sys.exit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    arguments = sys.argv[1:]
    command = ["./shoestring"]
    if "--" in arguments:
        command = arguments[arguments.index("--") + 1 :]
        arguments = arguments[: arguments.index("--")]
    file, records, texts = arguments
    library = transformers()
    conversations = [conversation(record) for record in json.load(open(records, encoding="utf-8"))[:200]]
    for name, template in TEMPLATES.items():
        with tempfile.TemporaryDirectory() as folder:
            reader = tokenizer(library, file, template)
            reader.backend_tokenizer.save(f"{folder}/tokenizer.json")
            config = {"bos_token": "<s>", "eos_token": "</s>", "chat_template": template}
            Path(folder, "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
            wanted = []
            for number, messages in enumerate(conversations):
                opened = number % 2 == 1
                given = messages[:-1] if opened else messages
                wanted.append({"messages": given, "add_generation_prompt": opened})
            answers = ours(command, folder, wanted)
            same_text = same_ids = refused = 0
            for given, answer in zip(wanted, answers):
                try:
                    text = reader.apply_chat_template(given["messages"], tokenize=False, add_generation_prompt=given["add_generation_prompt"])
                except Exception:
                    refused += "error" in answer
                    continue
                same_text += answer.get("text") == text
                # a template that does not write answers as they are has no answers to train on: only its text is compared
                same_ids += name != "odds" and answer.get("ids") == reader.encode(text, add_special_tokens=False)
                if answer.get("text") != text:
                    print(f"  {name} differs: {str(answer)[:300]} instead of {text[:300]!r}")
            print(f"{name}: of {len(wanted)} conversations {same_text} rendered alike, {refused} refused alike, {same_ids} encoded alike")
    text = open(texts, encoding="utf-8").read()
    pieces = [text[start : start + 40 + start % 300] for start in range(0, len(text) - 400, max(1, len(text) // 10_000))][:10_000]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(file, f"{folder}/tokenizer.json")
        reader = library.PreTrainedTokenizerFast(tokenizer_file=file)
        same = sum(a == b for a, b in zip(ours(command, folder, pieces), reader(pieces)["input_ids"]))
    print(f"texts: {same} of {len(pieces)} encoded alike")


main()
