"""A training step of a small decoder in plain PyTorch, fused AdamW.

--variant llama is what GptStepBenchmark runs (RMS norms, rotary positions, gated feed-forward); --variant gpt has layer norms, learned
positions and GELU. Both have the same number of parameters, but for the positions, and of operations.
"""
import torch
import torch.nn.functional as F
from timed import autocast, compiled, median, options, report, timed

o = options(variant="llama", layers=4, width=256, vocab=4096, context=256, batch=8)
llama = o.variant == "llama"
heads = max(1, o.width // 64)
middle = o.width * 8 // 3 // 2 * 2 if llama else 4 * o.width
weights = []


def weight(*shape):
    weights.append((torch.randn(shape) * 0.02 if len(shape) > 1 else torch.ones(shape)).requires_grad_())
    return weights[-1]


table = weight(o.vocab, o.width)
places = None if llama else weight(o.context, o.width)
blocks = [dict(n1=weight(o.width), qkv=weight(3 * o.width, o.width), out=weight(o.width, o.width), n2=weight(o.width),
               up=weight(middle, o.width), down=weight(o.width, middle), gate=weight(middle, o.width) if llama else None)
          for _ in range(o.layers)]
last_norm = weight(o.width)
half = o.width // heads // 2
angles = torch.outer(torch.arange(o.context).float(), 10000.0 ** (-torch.arange(half) / half))
cos, sin = angles.cos(), angles.sin()


def norm(x, w):
    return F.rms_norm(x, (o.width,), w, 1e-5) if llama else F.layer_norm(x, (o.width,), w)


def turn(x):
    c, s = cos.to(x.dtype), sin.to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * c - b * s, b * c + a * s), -1)


def loss_of(ids, targets):
    rows, tokens = ids.shape
    x = F.embedding(ids, table)
    if not llama:
        x = x + places
    for b in blocks:
        q, k, v = F.linear(norm(x, b["n1"]), b["qkv"]).view(rows, tokens, 3, heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        if llama:
            q, k = turn(q), turn(k)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + F.linear(mixed.transpose(1, 2).reshape(rows, tokens, -1), b["out"])
        h = norm(x, b["n2"])
        h = F.silu(F.linear(h, b["gate"])) * F.linear(h, b["up"]) if llama else F.gelu(F.linear(h, b["up"]))
        x = x + F.linear(h, b["down"])
    return F.cross_entropy(F.linear(norm(x, last_norm), table).flatten(0, 1), targets.flatten())


forward = compiled(loss_of, o)
optimizer = torch.optim.AdamW(weights, 3e-4, fused=True)
ids, targets = torch.randint(o.vocab, (o.batch, o.context)), torch.randint(o.vocab, (o.batch, o.context))
seen = []


def step(_):
    with autocast(o):
        loss = forward(ids, targets)
    loss.backward()
    seen.append(loss.item())
    optimizer.step()
    optimizer.zero_grad()


times = timed(step, o.steps)
tokens = o.batch * o.context
matrices = o.layers * (4 * o.width ** 2 + (3 if llama else 2) * o.width * middle) + o.vocab * o.width
flops = 6 * matrices * tokens + 6 * o.layers * o.width * o.context * tokens
report("gpt_step", o, variant=o.variant + " " + o.mode, times=times, params=sum(w.numel() for w in weights),
       tokens_per_s=tokens / median(times) * 1e3, gflops=flops / median(times) / 1e6, loss=seen[-1])
