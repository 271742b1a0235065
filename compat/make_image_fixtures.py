"""Makes the parity fixtures of the image networks: random weights, one batch, its logits and the gradients of every weight.

usage: python make_image_fixtures.py ../core/src/test/resources/dev/shoestring/models
needs: torch, timm, torchvision, safetensors

Each network is timm's own where timm has it, at a tiny image size; the weights of the widest are cut by taking few classes and small
images only, so ResNet-18 and MobileNetV2 0.35 are stored as they are in bfloat16 steps: values are rounded to 1/64 so that the files
compress. ResNet-20 is torchvision's residual block in three stages. Batch norm runs in evaluation mode for the logits, and for the gradients too in
MobileNetV2, in training mode elsewhere. All is computed in double precision and stored in single.
"""
import sys, torch, torch.nn as nn, torch.nn.functional as F
known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
import timm
from torchvision.models.resnet import BasicBlock
from safetensors.torch import save_file


class SmallResNet(nn.Module):
    """ResNet for small images (arXiv 1512.03385, section 4.2), named as torchvision names its own."""

    def __init__(self, blocks, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        width = 16
        for stage, out in enumerate((16, 32, 64)):
            layers = []
            for i in range(blocks):
                stride = 2 if stage and not i else 1
                down = nn.Sequential(nn.Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out)) if stride > 1 else None
                layers.append(BasicBlock(width, out, stride, down))
                width = out
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.fc(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


NETWORKS = {
    "resnet20": (lambda: SmallResNet(3, 3), 16),
    "mobilenetv2_035": (lambda: timm.create_model("mobilenetv2_035", num_classes=3, bn_eps=1e-3, pad_type="same"), 33),
    "vit_tiny_patch16": (lambda: timm.create_model("vit_tiny_patch16_224", num_classes=3, img_size=32, depth=2, embed_dim=48, num_heads=3), 32),
}

folder = sys.argv[1]
for name, (make, size) in NETWORKS.items():
    torch.manual_seed(1)
    net = make()
    for key, value in net.state_dict().items():
        if value.dtype.is_floating_point:
            value.copy_((value * 64).round() / 64 if value.dim() > 1 else value + torch.randn_like(value).mul(2).round() / 64 * (0 if "var" in key else 1))
    x = torch.randn(8, 3, size, size)
    y = torch.tensor([0, 1, 2, 1, 0, 2, 2, 1])
    tensors = {"weights." + k: v.clone() for k, v in net.state_dict().items() if "num_batches" not in k}
    net.double()  # in single precision their rounding would be as large as ours
    net.eval()
    tensors["evaluated"] = net(x.double()).detach()
    net.train(not name.startswith("mobile"))  # 8 images through 52 normalizations by their own statistics: rounding would decide
    loss = F.cross_entropy(net(x.double()), y, reduction="sum")
    loss.backward()
    tensors["loss"] = loss.detach().reshape(1)
    tensors["input"], tensors["labels"] = x, y.float()
    for key, p in net.named_parameters():
        # a large tensor's gradient is held by its norm and a few of its values
        tensors["norm." + key] = p.grad.norm().reshape(1)
        tensors["grad." + key] = p.grad.flatten()[:64].clone()
    for key, b in net.named_buffers():
        if "running" in key:
            tensors["after." + key] = b.clone()
    save_file({k: v.float().contiguous() for k, v in tensors.items()}, f"{folder}/{name}.safetensors")
    print(name, sum(p.numel() for p in net.parameters()), [round(v, 4) for v in tensors["evaluated"][0].tolist()], loss.item())
