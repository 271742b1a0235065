"""Shows that timm reads the image models that Shoestring writes, strictly, and gives the probabilities that Shoestring gave.

usage: python load_image_model.py MODEL_FOLDER IMAGE PREDICTION_JSON
MODEL_FOLDER: a run's model/; PREDICTION_JSON: shoestring predict RUN IMAGE --json
"""
import json, sys
import torch
known = torch.library.register_fake  # a torchvision built for another torch has no operators of its own: none is needed here
torch.library.register_fake = lambda name, *rest, **more: (lambda f: f) if str(name).startswith("torchvision::") else known(name, *rest, **more)
import timm
from PIL import Image
from safetensors.torch import load_file

folder, image, prediction = sys.argv[1:]
config = json.load(open(f"{folder}/config.json"))
cfg = config["pretrained_cfg"]
channels, size, _ = cfg["input_size"]
net = timm.create_model(config["architecture"], num_classes=config["num_classes"], **{k: v for k, v in config["model_args"].items()})
print(net.load_state_dict(load_file(f"{folder}/model.safetensors"), strict=True))
net.eval()
picture = Image.open(image).convert("RGB")
side = min(picture.size)
left, top = (picture.width - side) // 2, (picture.height - side) // 2
picture = picture.crop((left, top, left + side, top + side))
if side != size:
    print("the image is not", size, "pixels: resizing differs between libraries, so the probabilities will a little")
    picture = picture.resize((size, size), Image.BILINEAR)
x = torch.tensor(list(picture.getdata()), dtype=torch.float32).view(size, size, 3).permute(2, 0, 1)[None] / 255
x = (x - torch.tensor(cfg["mean"]).view(1, -1, 1, 1)) / torch.tensor(cfg["std"]).view(1, -1, 1, 1)
ours = json.load(open(prediction))[0]["probabilities"]
theirs = net(x).softmax(1)[0].tolist()
worst = max(abs(a - ours[label]) for a, label in zip(theirs, config["label_names"]))
print("largest difference of a probability:", worst)
sys.exit(0 if worst < 1e-3 else 1)
