"""A classifier's folder as ONNX: export_onnx.py MODEL_FOLDER FILE.onnx (torch, transformers, onnx)."""
import sys

import timed
import torch

timed.allow_mismatched_torchvision()
import transformers

folder, file = sys.argv[1:]
model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()


class Logits(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


ids = torch.ones((2, 8), dtype=torch.int64)
axes = {0: "rows", 1: "tokens"}
torch.onnx.export(Logits(), (ids, ids), file, input_names=["input_ids", "attention_mask"], output_names=["logits"], dynamo=False,
                  dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "rows"}}, opset_version=17)
