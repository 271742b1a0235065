"""Makes the fixture that BertParityTest compares against: a tiny BertForSequenceClassification of Transformers with random
weights, its logits, its loss and the gradient of every parameter.

usage: python compat/make_bert_fixtures.py core/src/test/resources/dev/shoestring/models/tiny-bert.safetensors
needs: pip install torch transformers safetensors
"""
import sys

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification

torch.manual_seed(0)
config = BertConfig(
    vocab_size=60, hidden_size=16, num_hidden_layers=3, num_attention_heads=4, intermediate_size=32,
    max_position_embeddings=24, type_vocab_size=2, num_labels=5, layer_norm_eps=1e-12, attn_implementation="eager",
)
model = BertForSequenceClassification(config).eval()
for parameter in model.parameters():  # large enough that every gradient is well above rounding
    torch.nn.init.normal_(parameter, std=0.3)

lengths = [11, 7, 3, 9]
ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
mask = torch.zeros_like(ids)
for row, length in enumerate(lengths):
    ids[row, :length] = torch.randint(1, config.vocab_size, (length,))
    mask[row, :length] = 1
labels = torch.tensor([0, 3, 4, 1])

logits = model(input_ids=ids, attention_mask=mask).logits
loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
loss.backward()

tensors = {"input.ids": ids, "input.lengths": torch.tensor(lengths), "input.labels": labels,
           "output.logits": logits.detach(), "output.loss": loss.detach().reshape(1)}
for name, parameter in model.named_parameters():
    tensors["weight." + name] = parameter.detach().clone()
    tensors["grad." + name] = parameter.grad.clone()
save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, sys.argv[1])
print(len(tensors), "tensors, loss", loss.item())
