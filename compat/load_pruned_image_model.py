"""Shows that timm reads the smaller image models that `shoestring shrink` writes, strictly, and gives the probabilities that Shoestring gave.

usage: python load_pruned_image_model.py MODEL_FOLDER IMAGE PREDICTION_JSON
MODEL_FOLDER: a run's model/, of a resnet18, resnet34, resnet50 or mobilenetv2; PREDICTION_JSON: shoestring predict RUN IMAGE --json

timm's own configurations have no widths for each layer: its pruned models are full ones adapted to the shapes of the stored tensors
(timm.models._prune), and so is this one. Blocks: model_args.layers of a residual network; of a MobileNetV2 the last of a stage are taken away.
"""
import json, sys
import torch
known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
import timm
from PIL import Image
from safetensors.torch import load_file
from timm.models._prune import adapt_model_from_string

folder, image, prediction = sys.argv[1:]
config = json.load(open(f"{folder}/config.json"))
cfg = config["pretrained_cfg"]
channels, size, _ = cfg["input_size"]
net = timm.create_model(config["architecture"], num_classes=config["num_classes"], **config["model_args"])
if config["architecture"].startswith("mobilenet"):
    for stage, blocks in enumerate(config["shoestring_shape"].get("blocks", [])):
        net.blocks[stage] = torch.nn.Sequential(*list(net.blocks[stage])[:blocks])
weights = load_file(f"{folder}/model.safetensors")
shapes = "***".join(f"{name}:{list(tensor.shape)}".replace(" ", "") for name, tensor in weights.items())
net = adapt_model_from_string(net, shapes)
if not any(name.endswith("num_batches_tracked") for name in weights):
    weights.update({name: value for name, value in net.state_dict().items() if name.endswith("num_batches_tracked")})
print(net.load_state_dict(weights, strict=True))
net.eval()
picture = Image.open(image).convert("RGB" if channels == 3 else "L")
assert picture.size == (size, size), f"give an image of {size} x {size} pixels: resizing differs between libraries"
x = torch.tensor(list(picture.getdata()), dtype=torch.float32).view(size, size, channels).permute(2, 0, 1)[None] / 255
x = (x - torch.tensor(cfg["mean"]).view(1, -1, 1, 1)) / torch.tensor(cfg["std"]).view(1, -1, 1, 1)
ours = json.load(open(prediction))[0]["probabilities"]
theirs = net(x).softmax(1)[0].tolist()
worst = max(abs(a - ours[label]) for a, label in zip(theirs, config["label_names"]))
print("largest difference of a probability:", worst)
sys.exit(0 if worst < 1e-3 else 1)
