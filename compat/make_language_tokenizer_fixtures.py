#!/usr/bin/env python3
"""Makes the fixtures of LanguageTokenizerTest: two tiny tokenizers and what Hugging Face's own `tokenizers` makes of texts.

    pip install tokenizers
    compat/make_language_tokenizer_fixtures.py core/src/test/resources/dev/shoestring/text

byte-level.json is a byte-level BPE as GPT-2's and Qwen's, sentencepiece.json a BPE with byte fallback as Llama-2's.
"""
import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = [
    "Once upon a time there was a little girl who loved to play in the park with her little dog.",
    "The assistant said that the user is right. The user said that the assistant is right.",
    "You are a helpful assistant. What is the capital of France? The capital of France is Paris.",
    "for (int i = 0; i < 10; i++) {\n    total += i;\n}\n",
] * 4

TEXTS = [
    "Once upon a time",
    "",
    " ",
    "  two  spaces and a tab\t\n\n  new lines \n",
    "the user's text: it's 3.14% of $1,000, isn't it?",
    "naïve café; 中文字符 and 日本語; Привет; 🙂 👨‍👩‍👧 🇫🇷",
    "<|im_start|>user\nHello there<|im_end|>\n<|im_start|>assistant\n",
    "<s> [INST] Hello [/INST] there </s><s>",
    "a <think> is no thought</think> but a tag",
    "control\u0000 \u200b zero\ufeffwidth e\u0301",
    "x" * 100,
]


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False)])
    return tokenizer


def sentencepiece():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    special = ["<unk>", "<s>", "</s>"]
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("(?<!▁)▁"), "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=480, special_tokens=special + [f"<0x{b:02X}>" for b in range(256)], show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    # the bytes are pieces of the model; added tokens would be split off before it
    made = json.loads(tokenizer.to_str())
    made["pre_tokenizer"] = None
    made["added_tokens"] = [token for token in made["added_tokens"] if token["content"] in special]
    tokenizer = Tokenizer.from_str(json.dumps(made))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def metaspace_first():
    """Llama's newer form: a space is put before the beginning of the text only, not after each control token."""
    made = json.loads(sentencepiece().to_str())
    made["normalizer"] = None
    made["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
    return Tokenizer.from_str(json.dumps(made))


def main():
    out = Path(sys.argv[1])
    cases = {}
    for name, tokenizer in (("byte-level", byte_level()), ("sentencepiece", sentencepiece()), ("metaspace", metaspace_first())):
        (out / f"{name}.json").write_text(
            json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
        )
        cases[name] = []
        for text in TEXTS:
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            cases[name].append(
                {
                    "text": text,
                    "ids": plain,
                    "with_special": tokenizer.encode(text).ids,
                    "decoded": tokenizer.decode(plain, skip_special_tokens=True),
                    "decoded_kept": tokenizer.decode(plain, skip_special_tokens=False),
                }
            )
    (out / "language-tokens.json").write_text(json.dumps(cases, indent=0) + "\n", encoding="utf-8")


main()
