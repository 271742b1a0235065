"""Makes the fixtures of PEFT's adapter format: a LoRA and a DoRA adapter on the tiny decoders, and what they compute.

usage: python make_peft_fixtures.py ../core/src/test/resources/dev/shoestring/models ../core/src/test/resources/dev/shoestring/adapt
needs: torch, transformers, peft, safetensors; the fixtures of make_decoder_fixtures.py

PEFT itself writes the adapters; their matrices are random, so that they change something. Logits are those of PEFT's model in double
precision, for the ids of the decoder's fixture, stored in single.
"""
import json, os, sys, torch
known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
from transformers import AutoConfig, AutoModelForCausalLM
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file

ADAPTERS = {
    "lora-llama": ("llama", dict(r=3, lora_alpha=6, target_modules=["q_proj", "v_proj", "down_proj"])),
    "dora-qwen2": ("qwen2", dict(r=2, lora_alpha=5, target_modules="all-linear", use_dora=True)),
    "rslora-qwen3": ("qwen3", dict(r=4, lora_alpha=4, target_modules=["o_proj", "gate_proj"], use_rslora=True)),
}
decoders, out = sys.argv[1:]
for name, (variant, settings) in ADAPTERS.items():
    fixture = load_file(f"{decoders}/decoder-{variant}.safetensors")
    config = AutoConfig.for_model(**json.load(open(f"{decoders}/decoder-{variant}.json")))
    config._attn_implementation = "eager"
    base = AutoModelForCausalLM.from_config(config)
    weights = {k[len("weights."):]: v for k, v in fixture.items() if k.startswith("weights.")}
    missing, unexpected = base.load_state_dict(weights, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **settings)).double().eval()
    torch.manual_seed(11)
    with torch.no_grad():
        for key, p in model.named_parameters():
            if "lora_magnitude" in key:
                p.mul_(1 + 0.25 * torch.randn_like(p)).copy_(p.mul(256).round().div(256))
            elif "lora_" in key:
                p.copy_(torch.randn_like(p).mul(0.3 * 256).round().div(256))
        logits = model(input_ids=fixture["ids"].long()).logits.float()
    folder = f"{out}/{name}"
    model.float().save_pretrained(folder)
    os.path.exists(f"{folder}/README.md") and os.remove(f"{folder}/README.md")
    save_file({"logits": logits}, f"{folder}/expected.safetensors")
    print(name, sorted(os.listdir(folder)), sorted(load_file(f"{folder}/adapter_model.safetensors"))[:4])
