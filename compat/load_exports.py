#!/usr/bin/env python3
"""Shows that the real tools read what `shoestring export` writes, on small random models of every family.

    pip install torch transformers peft gguf tokenizers safetensors
    compat/load_exports.py ./shoestring [FAMILY…]

Transformers loads the safetensors (with shards) and the GGUF files with equal logits and no missing or unexpected key, `gguf` dequantizes
Q8_0 within half a step, PEFT loads our adapters with equal logits, and we merge PEFT's, LoRA and DoRA.
"""
import json, os, subprocess, sys, tempfile
import torch
known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
import gguf
import numpy as np
from peft import LoraConfig, PeftModel, get_peft_model
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, PreTrainedTokenizerFast, Qwen2Config, Qwen3Config

SIZES = dict(vocab_size=600, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=128, bos_token_id=0, eos_token_id=1, pad_token_id=None)
FAMILIES = {
    "llama": LlamaConfig(**SIZES, tie_word_embeddings=False),
    "llama3": LlamaConfig(**SIZES, tie_word_embeddings=True, rope_parameters=dict(
        rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)),
    "mistral": MistralConfig(**SIZES, sliding_window=None, tie_word_embeddings=False),
    "qwen2": Qwen2Config(**SIZES, tie_word_embeddings=True),
    "qwen3": Qwen3Config(**SIZES, head_dim=32, tie_word_embeddings=False),
}
PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TEXTS = ["The quick brown fox jumps over the lazy dog, 1234 times.", "Grüße aus Köln – naïve café", "it's  two   spaces\n\nand lines"]
TOLERANCE = 1e-5


def tokenizer(family):
    trainer = dict(vocab_size=560, special_tokens=["<s>", "</s>"], show_progress=False)
    corpus = TEXTS * 3 + [open(__file__, encoding="utf-8").read()]
    if family == "mistral":
        made = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
        made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
        trainer["special_tokens"] = ["<s>", "</s>", "<unk>"] + [f"<0x{i:02X}>" for i in range(256)]
        made.train_from_iterator(corpus, trainers.BpeTrainer(**trainer))
        text = json.loads(made.to_str())
        text["added_tokens"] = text["added_tokens"][:3]
        made = Tokenizer.from_str(json.dumps(text))
    else:
        made = Tokenizer(models.BPE())
        split = pre_tokenizers.Split(Regex(PATTERN % ("" if family.startswith("qwen") else "{1,3}")), "isolated")
        made.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        made.decoder = decoders.ByteLevel()
        made.train_from_iterator(corpus, trainers.BpeTrainer(initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **trainer))
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", chat_template="{{ messages[0].content }}")


def export(*arguments):
    done = subprocess.run([*sys.argv[1].split(), "export", *arguments, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def logits(model, ids):
    with torch.no_grad():
        return model.eval()(input_ids=ids).logits


def load(folder, **more):
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, dtype=torch.float32, attn_implementation="eager", **more)
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not info[problem], (folder, problem, info[problem])
    return model


def close(what, actual, expected, tolerance=TOLERANCE):
    worst = (actual - expected).abs().max().item()
    print(f"  {what}: largest difference of a logit {worst:.1e}")
    assert worst <= tolerance, (what, worst)


def rounded(base, kind):
    """The model with its matrices rounded by gguf's own quantizer."""
    model = load(base)
    quantization = gguf.GGMLQuantizationType[kind.upper()]
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() == 2:
                p.copy_(torch.from_numpy(gguf.dequantize(gguf.quantize(p.numpy(), quantization), quantization)))
    return model


def check_gguf(family, folder, base, model, ids):
    for kind, options in (("f32", ["--dtype", "fp32"]), ("f16", []), ("bf16", ["--dtype", "bf16"]), ("q8_0", ["--quantize", "q8_0"])):
        file = f"{folder}/{kind}.gguf"
        export(base, "--format", "gguf", "--out", file, *options)
        reader = gguf.GGUFReader(file)
        architecture = reader.get_field("general.architecture").contents()
        if kind == "q8_0":
            packed = [t for t in reader.tensors if t.tensor_type == gguf.GGMLQuantizationType.Q8_0]
            assert len(packed) == sum(1 for t in reader.tensors if len(t.shape) == 2), family
            exact = {t.name: np.array(t.data) for t in gguf.GGUFReader(f"{folder}/f32.gguf").tensors}
            worst = 0
            for tensor in packed:
                values = exact[tensor.name].reshape(-1, 32)
                assert (np.array(tensor.data).tobytes() == gguf.quantize(exact[tensor.name], gguf.GGMLQuantizationType.Q8_0).tobytes()), tensor.name
                error = np.abs(gguf.dequantize(tensor.data, tensor.tensor_type).reshape(-1, 32) - values).max(1)
                worst = max(worst, (error / (np.abs(values).max(1) / 127)).max())
            print(f"  q8_0: {len(packed)} matrices, bytes as gguf's own quantizer gives; largest error {worst:.3f} steps")
            assert worst < 0.51 + 127 * 2**-11, worst
        names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[architecture.upper()], 2)
        wanted = {names.get_name(k.removesuffix(".weight").removesuffix(".bias")) + k[k.rindex("."):] for k in model.state_dict()
                  if not (model.config.tie_word_embeddings and k.startswith("lm_head"))}
        found = {t.name for t in reader.tensors}
        assert found - {"rope_freqs.weight"} == wanted, found ^ wanted
        assert ("rope_freqs.weight" in found) == (family == "llama3")
        if family == "llama3" and kind == "f32":  # Transformers' reader leaves the factors out; they are compared themselves
            factors = next(t for t in reader.tensors if t.name == "rope_freqs.weight").data
            plain = 500.0 ** -(np.arange(0, 16, 2) / 16)
            used = model.model.rotary_emb.inv_freq.double().numpy()
            print(f"  rope factors: largest difference {np.abs(plain / used - factors).max():.1e}")
            assert np.abs(plain / used - factors).max() < 1e-5
        elif family != "llama3":
            # Its reader misses some sizes, such as Qwen3's head_dim: the configuration is given. Mistral is a Llama there.
            given = {} if family == "mistral" else {"config": model.config}
            read = load(folder, gguf_file=f"{kind}.gguf", **given)
            close(f"gguf {kind}, by Transformers", logits(read, ids), logits(rounded(base, kind), ids))
    fields = {k: f.contents() for k, f in reader.fields.items()}
    for key, value in (("block_count", 2), ("embedding_length", 64), ("attention.head_count", 4), ("attention.key_length", model.config.hidden_size // 4 if family != "qwen3" else 32), ("attention.head_count_kv", 2), ("feed_forward_length", 96)):
        assert fields[f"{architecture}.{key}"] == value, key
    assert len(fields["tokenizer.ggml.tokens"]) == len(fields["tokenizer.ggml.token_type"]) == 600
    assert fields["tokenizer.ggml.bos_token_id"] == 0 and fields["tokenizer.ggml.eos_token_id"] == 1
    assert fields["tokenizer.chat_template"] == "{{ messages[0].content }}"
    print(f"  gguf: {architecture}, tokenizer {fields['tokenizer.ggml.model']}, {fields['tokenizer.ggml.pre']}")
    for key in ("tokenizer.ggml.merges", "tokenizer.ggml.scores"):
        assert (key in fields) == (key.endswith("merges") != (family == "mistral")), key


def check_peft(folder, base, ids):
    for name, settings in (("lora", dict(target_modules=["q_proj", "v_proj"])), ("dora", dict(target_modules="all-linear", use_dora=True))):
        model = get_peft_model(load(base), LoraConfig(r=4, lora_alpha=8, task_type="CAUSAL_LM", init_lora_weights=False, **settings))
        theirs = f"{folder}/{name}"
        model.save_pretrained(theirs)
        export(theirs, "--format", "safetensors", "--out", f"{folder}/{name}-merged")
        close(f"{name} of PEFT merged by us", logits(load(f"{folder}/{name}-merged"), ids), logits(model, ids), 3e-5)
        export(theirs, "--base", base, "--format", "peft", "--out", f"{folder}/{name}-ours")
        close(f"{name} of ours loaded by PEFT", logits(PeftModel.from_pretrained(load(base), f"{folder}/{name}-ours"), ids), logits(model, ids))


for family in sys.argv[2:] or FAMILIES:
    config = FAMILIES[family]
    with tempfile.TemporaryDirectory() as folder:
        print(family)
        torch.manual_seed(3)
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
        with torch.no_grad():
            for p in model.parameters():
                p.add_(torch.randn_like(p) * 0.1)
        base = f"{folder}/base"
        model.save_pretrained(base)
        tokenizer(family).save_pretrained(base)
        ids = torch.randint(0, 560, (2, 40))
        export(base, "--format", "safetensors", "--out", f"{folder}/sharded", "--shard-size", "100KB")
        assert os.path.exists(f"{folder}/sharded/model.safetensors.index.json")
        close("sharded safetensors", logits(load(f"{folder}/sharded"), ids), logits(model, ids))
        export(base, "--format", "safetensors", "--out", f"{folder}/bf16", "--dtype", "bf16")
        halved = load(base)
        with torch.no_grad():
            for p in halved.parameters():
                p.copy_(p.bfloat16())
        close("safetensors bf16", logits(load(f"{folder}/bf16"), ids), logits(halved, ids))
        check_gguf(family, folder, base, model, ids)
        check_peft(folder, base, ids)
print("all is read")
