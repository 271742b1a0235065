"""A LoRA step of GptStepBenchmark's decoder in Transformers and PEFT: all matrices, the frozen ones in the products' precision."""
import torch
from timed import autocast, compiled, dtype, median, options, report, timed
from decoder_shape import decoder
from peft import LoraConfig, get_peft_model

o = options(layers=4, width=256, vocab=4096, context=256, batch=8, rank=16)
model = get_peft_model(decoder(o, o.context, dtype(o)), LoraConfig(r=o.rank, lora_alpha=2 * o.rank, target_modules="all-linear",
                                                                    task_type="CAUSAL_LM"))
model.train()
forward = compiled(model, o)
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, 3e-4, fused=True)
ids = torch.randint(o.vocab, (o.batch, o.context))
seen = []


def step(_):
    with autocast(o):
        loss = forward(input_ids=ids, labels=ids).loss
    loss.backward()
    seen.append(loss.item())
    optimizer.step()
    optimizer.zero_grad()


times = timed(step, o.steps)
report("lora_step", o, engine="peft", times=times, params=sum(p.numel() for p in model.parameters()),
       tokens_per_s=o.batch * o.context / median(times) * 1e3, loss=seen[-1])
