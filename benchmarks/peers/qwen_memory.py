"""Peak memory of a LoRA step (PEFT, frozen weights in bf16) or of a full step (Transformers, AdamW) on 512 tokens.

--weights fp32 is the numerics of Shoestring's full step (weights and moments in fp32, products in bf16); bf16 keeps all of it in bf16.
"""
import torch
from timed import allow_mismatched_torchvision, autocast, options, report, timed

allow_mismatched_torchvision()
from transformers import AutoModelForCausalLM  # noqa: E402

o = options(model="", adapt="lora", weights="bf16", context=512, rank=16, checkpointing=0)
model = AutoModelForCausalLM.from_pretrained(o.model, dtype=torch.bfloat16 if o.weights == "bf16" else torch.float32)
model.config.use_cache = False
if o.checkpointing:
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
if o.adapt == "lora":
    from peft import LoraConfig, get_peft_model
    model = get_peft_model(model, LoraConfig(r=o.rank, lora_alpha=2 * o.rank, target_modules="all-linear", task_type="CAUSAL_LM"))
model.train()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], 1e-4, fused=True)
ids = torch.randint(model.config.vocab_size, (1, o.context))
seen = []


def step(_):
    with autocast(o):
        loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    seen.append(loss.item())
    optimizer.step()
    optimizer.zero_grad()


times = timed(step, o.steps, 1)
report("qwen_memory", o, engine="peft" if o.adapt == "lora" else "transformers",
       variant=f"{o.adapt}, weights {o.weights}" + (", checkpointing" if o.checkpointing else ""), times=times, loss=seen[-1])
