"""Fine-tuning steps of a MiniLM-sized BERT in PyTorch on sentences of mixed lengths, as the usual collators batch them: at random, each
batch padded to its longest, everything trained. Real tokens count, padding does not."""
import torch
import torch.nn.functional as F
from torch import nn
from timed import autocast, compiled, options, report, timed

o = options(batch=32, steps=20)
LAYERS, WIDTH, HEADS, VOCABULARY, LABELS = 6, 384, 12, 30522, 26


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, x, mask):
        rows, tokens, _ = x.shape
        q, k, v = (f(x).view(rows, tokens, HEADS, -1).transpose(1, 2) for f in (self.query, self.key, self.value))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(rows, tokens, WIDTH)
        x = self.norm1(x + self.output(mixed))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places, self.kinds = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(512, WIDTH), nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, LABELS)

    def forward(self, ids, mask):
        x = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]] + self.kinds.weight[0])
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        kept = mask.unsqueeze(-1).to(x.dtype)
        return self.head((x * kept).sum(1) / kept.sum(1))


def batch():
    lengths = (torch.randn(o.batch) * 0.6 + 3.05).exp().round().clamp(4, 128).long()
    longest = int(lengths.max())
    return (torch.randint(VOCABULARY, (o.batch, longest)), torch.arange(longest) < lengths[:, None],
            torch.randint(LABELS, (o.batch,)), int(lengths.sum()))


WARMUP = 3
encoder = Encoder()
forward = compiled(encoder, o, dynamic=True)
optimizer = torch.optim.AdamW(encoder.parameters(), 2e-5, fused=True)
batches = [batch() for _ in range(WARMUP + o.steps)]
seen = []


def step(i):
    ids, mask, labels, _ = batches[i]
    with autocast(o):
        loss = F.cross_entropy(forward(ids, mask), labels)
    loss.backward()
    seen.append(loss.item())
    optimizer.step()
    optimizer.zero_grad()


times = timed(step, o.steps, WARMUP)
report("encoder_step", o, times=times, params=sum(p.numel() for p in encoder.parameters()),
       real_tokens_per_s=sum(b[3] for b in batches[WARMUP:]) / sum(times) * 1e3,
       sentences_per_s=o.batch * o.steps / sum(times) * 1e3, loss=seen[-1])
