#!/usr/bin/env python3
"""Makes the fixture of ChatTemplateTest: conversations as transformers renders them.

    pip install transformers
    compat/make_chat_fixtures.py core/src/test/resources/dev/shoestring/text
"""
import json
import sys
from pathlib import Path

from chat_templates import TEMPLATES, tokenizer, transformers

TOOLS = [{"type": "function", "function": {"name": "weather", "description": "It's the \"weather\" <now> in Zürich", "parameters": {
    "type": "object", "properties": {"place": {"type": "string"}, "days": {"type": "integer", "default": 1.5}}, "required": ["place"]}}}]


def message(role, content, **more):
    return {"role": role, "content": content, **more}


CONVERSATIONS = [
    [message("user", "Hi there")],
    [message("user", "  Hi\n"), message("assistant", " Hello! ")],
    [message("system", "Be kind & <b>bold</b>."), message("user", "What is the sum, of 1 + 1?\n\n"), message("assistant", "Two, é 🙂"),
     message("user", "And 2 + 2?"), message("assistant", "<think>\nthat is\nfour\n</think>\n\nFour.")],
    [message("user", "a"), message("assistant", "<think>hm</think>b"), message("user", "c"), message("assistant", "<think>so</think>\n\nd")],
    [message("user", "How is it there?"), message("assistant", "", tool_calls=[
        {"type": "function", "function": {"name": "weather", "arguments": {"place": "Zürich", "days": 2}}}]),
     message("tool", "{\"sun\": true}"), message("tool", "{\"rain\": false}"), message("assistant", "Sunny.")],
]


def main():
    out = Path(sys.argv[1])
    library = transformers()
    fixtures = []
    for name, template in TEMPLATES.items():
        reader = tokenizer(library, out / "byte-level.json", template)
        cases = []
        for number, messages in enumerate(CONVERSATIONS):
            for opened in (False, True):
                tools = TOOLS if number == 4 else None
                case = {"messages": messages, "tools": tools, "add_generation_prompt": opened}
                try:
                    case["text"] = reader.apply_chat_template(messages, tools=tools, tokenize=False, add_generation_prompt=opened)
                except Exception as refused:
                    case["refused"] = type(refused).__name__
                cases.append(case)
        fixtures.append({"name": name, "template": template, "cases": cases})
    (out / "chat-templates.json").write_text(json.dumps(fixtures, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


main()
