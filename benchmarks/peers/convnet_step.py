"""A training step of ConvNetStepBenchmark's network in PyTorch: channels-last, SGD with Nesterov's momentum."""
import torch
from torch import nn
from timed import autocast, compiled, median, options, report, timed

o = options(batch=512)


def stage(inner, outer):
    return (nn.Conv2d(inner, outer, 3, padding=1, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(outer), nn.GELU(),
            nn.Conv2d(outer, outer, 3, padding=1, bias=False), nn.BatchNorm2d(outer), nn.GELU())


network = nn.Sequential(*stage(1, 32), *stage(32, 64), *stage(64, 128), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(128, 10))
network = network.to(memory_format=torch.channels_last)
forward = compiled(network, o)
optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9, nesterov=True)
images = torch.randn(o.batch, 1, 28, 28).to(memory_format=torch.channels_last)
labels = torch.randint(10, (o.batch,))
seen = []


def step(_):
    with autocast(o):
        loss = nn.functional.cross_entropy(forward(images), labels, label_smoothing=0.1)
    loss.backward()
    seen.append(loss.item())
    optimizer.step()
    optimizer.zero_grad()


times = timed(step, o.steps)
report("convnet_step", o, times=times, params=sum(p.numel() for p in network.parameters()),
       images_per_s=o.batch / median(times) * 1e3, loss=seen[-1])
