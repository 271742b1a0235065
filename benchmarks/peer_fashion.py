"""The recipe fashion in PyTorch, as its users would write it: the same network, augmentation, optimizer and schedule.

usage: python peer_fashion.py FOLDER [--epochs 5 --seed 1 --width 32]      FOLDER holds Fashion-MNIST's four IDX files, gzipped
Prints one JSON line: seconds of training (evaluation of the 2,850 validation images not counted), test accuracy with six views, peak memory.
"""
import argparse, gzip, json, math, resource, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

p = argparse.ArgumentParser()
p.add_argument("folder")
for name, value in dict(epochs=5, seed=1, width=32, batch=500).items():
    p.add_argument("--" + name, type=int, default=value)
a = p.parse_args()
torch.manual_seed(a.seed)
read = lambda name, skip: torch.from_numpy(np.frombuffer(gzip.open(f"{a.folder}/{name}.gz").read()[skip:], np.uint8).copy())
train_x, test_x = (read(f"{s}-images-idx3-ubyte", 16).view(-1, 1, 28, 28) for s in ("train", "t10k"))
train_y, test_y = (read(f"{s}-labels-idx1-ubyte", 8).long() for s in ("train", "t10k"))
keep = torch.randperm(60000)[:57150]
train_x, train_y = train_x[keep], train_y[keep]
mean, std = (train_x[:5000].float() / 255).mean(), (train_x[:5000].float() / 255).std()
norm = lambda x: (x - mean) / std


class Norm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(c))
        self.register_buffer("mean", torch.zeros(c)); self.register_buffer("var", torch.ones(c))

    def forward(self, x):
        return F.batch_norm(x, self.mean, self.var, None, self.bias, self.training, 0.4, 1e-12)


class Block(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(i, o, 3, padding=1, bias=False), Norm(o)
        self.conv2, self.norm2 = nn.Conv2d(o, o, 3, padding=1, bias=False), Norm(o)

    def forward(self, x):
        return F.gelu(self.norm2(self.conv2(F.gelu(self.norm1(F.max_pool2d(self.conv1(x), 2))))))


class SlimNet(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.register_buffer("whiten", torch.zeros(16, 1, 3, 3))
        self.blocks = nn.Sequential(Block(16, w), Block(w, 2 * w), Block(2 * w, 4 * w))
        self.head = nn.Linear(4 * w, 10, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(4 * w))
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        return self.head(self.blocks(F.gelu(F.conv2d(x, self.whiten))).amax((2, 3))) / 9


net = SlimNet(a.width).to(memory_format=torch.channels_last)
patches = norm(train_x[:3000].float() / 255).unfold(2, 3, 1).unfold(3, 3, 1).reshape(-1, 9)
values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
half = (vectors / (values.clamp(min=0) + 5e-4).sqrt()).T[1:].reshape(8, 1, 3, 3)
net.whiten.copy_(torch.cat([half, -half]))
matrices = [q for n, q in net.named_parameters() if q.dim() == 4]
others = torch.optim.AdamW([dict(params=[net.head.weight]), dict(params=[q for q in net.parameters() if q.dim() == 1])], 0.01, weight_decay=0, fused=True)
momentum = [torch.zeros_like(q) for q in matrices]


def orthogonal(g):
    x = g.reshape(len(g), -1)
    tall = x.shape[0] > x.shape[1]
    x = (x.T if tall else x)
    x = (x / (x.norm() + 1e-7)).bfloat16()
    for _ in range(5):
        s = x @ x.T
        x = 3.4445 * x + (-4.775 * s + 2.0315 * s @ s) @ x
    return (x.T if tall else x).float().view(g.shape)


def augment(x, index, epoch):
    theta = torch.zeros(len(x), 2, 3)
    flip = (flips[index] + epoch) % 2 == 0
    theta[:, 0, 0] = torch.where(flip, -1.0, 1.0); theta[:, 1, 1] = 1
    theta[:, :, 2] = torch.randint(-2, 3, (len(x), 2)) * 2 / 28
    return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), padding_mode="reflection", align_corners=False)


flips = torch.randint(2, (len(train_x),))
per_epoch = math.ceil(len(train_x) / a.batch)
steps, warm, step = a.epochs * per_epoch, round(0.1 * a.epochs * per_epoch), 0
start = time.perf_counter()
for epoch in range(a.epochs):
    for index in torch.randperm(len(train_x)).split(a.batch):
        x = norm(augment(train_x[index].float() / 255, index, epoch)).as_strided((len(index), 1, 28, 28), (784, 1, 28, 1))
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x)
        F.cross_entropy(logits.float(), train_y[index], label_smoothing=0.1).backward()
        factor = (step + 1) / warm if step < warm else 1 - (step - warm) / (steps - warm)
        with torch.no_grad():
            for q, m in zip(matrices, momentum):
                q.mul_(math.sqrt(len(q)) / (q.norm() + 1e-7))
                m.mul_(0.6).add_(q.grad)
                q.sub_(orthogonal(q.grad + 0.6 * m), alpha=0.15 * factor)
        for group in others.param_groups:
            group["lr"] = 0.01 * factor
        others.step()
        net.zero_grad()
        step += 1
seconds = time.perf_counter() - start
net.eval()
right = 0
with torch.no_grad():
    for x, y in zip(test_x.split(256), test_y.split(256)):
        x = norm(x.float() / 255)
        padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
        views = [x, padded[:, :, :28, :28], padded[:, :, 2:, 2:]]
        with torch.autocast("cpu", torch.bfloat16):
            scores = sum(net(v.contiguous()).float() for view in views for v in (view, view.flip(3)))
        right += (scores.argmax(1) == y).sum().item()
print(json.dumps(dict(peer="pytorch " + torch.__version__, epochs=a.epochs, seconds=round(seconds, 1), test_accuracy=right / len(test_y),
                      peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)))
