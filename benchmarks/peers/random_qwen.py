"""Writes a model of Qwen2.5-0.5B's shape with random weights in bf16 (1 GB) into a folder: config.json and model.safetensors.

usage: python random_qwen.py FOLDER
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
width, layers, middle, vocabulary, keys = 896, 24, 4864, 151936, 128
config = dict(architectures=["Qwen2ForCausalLM"], model_type="qwen2", hidden_act="silu", hidden_size=width, initializer_range=0.02,
              intermediate_size=middle, max_position_embeddings=32768, num_attention_heads=14, num_hidden_layers=layers,
              num_key_value_heads=2, rms_norm_eps=1e-6, rope_theta=1000000.0, sliding_window=None, tie_word_embeddings=True,
              dtype="bfloat16", use_cache=True, use_sliding_window=False, vocab_size=vocabulary)
(folder / "config.json").write_text(json.dumps(config, indent=2))


def normal(*shape):
    return (torch.randn(shape) * 0.02).to(torch.bfloat16)


tensors = {"model.embed_tokens.weight": normal(vocabulary, width), "model.norm.weight": torch.ones(width, dtype=torch.bfloat16)}
for i in range(layers):
    name = f"model.layers.{i}."
    for norm in ("input_layernorm", "post_attention_layernorm"):
        tensors[f"{name}{norm}.weight"] = torch.ones(width, dtype=torch.bfloat16)
    for part, size in (("q", width), ("k", keys), ("v", keys)):
        tensors[f"{name}self_attn.{part}_proj.weight"] = normal(size, width)
        tensors[f"{name}self_attn.{part}_proj.bias"] = torch.zeros(size, dtype=torch.bfloat16)
    tensors[f"{name}self_attn.o_proj.weight"] = normal(width, width)
    tensors[f"{name}mlp.gate_proj.weight"], tensors[f"{name}mlp.up_proj.weight"] = normal(middle, width), normal(middle, width)
    tensors[f"{name}mlp.down_proj.weight"] = normal(width, middle)
save_file(tensors, folder / "model.safetensors", {"format": "pt"})
