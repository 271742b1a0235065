"""Makes the parity fixtures of the decoder family: random weights, one batch, its logits, its loss and the gradients of every weight;
and what it says next: 16 tokens after the first 5 of the first row, the most probable each time, nothing ends them;
once more with a repetition penalty of 1.5.

usage: python make_decoder_fixtures.py ../core/src/test/resources/dev/shoestring/models
needs: torch, transformers, safetensors

Each variant is Transformers' own model at a tiny size, computed in double precision and stored in single. The configuration is stored as
Transformers writes it.
"""
import json, sys, torch, torch.nn.functional as F
known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config
from safetensors.torch import save_file

SIZES = dict(vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=None)
VARIANTS = {
    "llama": LlamaConfig(**SIZES, tie_word_embeddings=False, rms_norm_eps=1e-5),
    "llama3": LlamaConfig(**SIZES, tie_word_embeddings=True, rope_parameters=dict(
        rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)),
    "llama-biased": LlamaConfig(**{**SIZES, "num_key_value_heads": 4}, attention_bias=True, mlp_bias=True, head_dim=6),
    "mistral": MistralConfig(**SIZES, sliding_window=5, tie_word_embeddings=False),
    "qwen2": Qwen2Config(**SIZES, tie_word_embeddings=True, use_sliding_window=True, sliding_window=4, max_window_layers=1),
    "qwen3": Qwen3Config(**SIZES, head_dim=8, tie_word_embeddings=False),
}

folder = sys.argv[1]
for name, config in VARIANTS.items():
    torch.manual_seed(7)
    config._attn_implementation = "eager"
    net = AutoModelForCausalLM.from_config(config).double().eval()
    with torch.no_grad():
        for p in net.parameters():
            p.copy_((torch.randn_like(p) * 0.3 + (1 if p.dim() == 1 and p.mean() > 0.5 else 0)).mul(256).round().div(256))
    ids = torch.randint(0, 40, (2, 12))
    logits = net(input_ids=ids).logits
    loss = F.cross_entropy(logits[:, :-1].reshape(-1, 40), ids[:, 1:].reshape(-1), reduction="sum")
    loss.backward()
    tensors = {"weights." + k: v.detach() for k, v in net.named_parameters()}
    tensors |= {"grad." + k: v.grad for k, v in net.named_parameters()}
    net.generation_config.eos_token_id = None
    greedy = lambda **more: net.generate(ids[:1, :5], max_new_tokens=16, do_sample=False, use_cache=False, **more)[0, 5:]
    tensors |= {"generated": greedy(), "penalized": greedy(repetition_penalty=1.5)}
    tensors |= {"ids": ids, "logits": logits.detach(), "loss": loss.detach().reshape(1)}
    save_file({k: v.float().contiguous() for k, v in tensors.items()}, f"{folder}/decoder-{name}.safetensors")
    with open(f"{folder}/decoder-{name}.json", "w") as out:
        json.dump(json.loads(config.to_json_string(use_diff=False)), out, indent=1)
    print(name, sum(p.numel() for p in net.parameters()), loss.item())
