"""DecoderShape of the Java benchmarks, for Transformers."""
from timed import allow_mismatched_torchvision

allow_mismatched_torchvision()
from transformers import LlamaConfig, LlamaForCausalLM  # noqa: E402


def decoder(o, context, dtype):
    heads = max(1, o.width // 64)
    config = LlamaConfig(vocab_size=o.vocab, hidden_size=o.width, num_hidden_layers=o.layers, num_attention_heads=heads,
                         num_key_value_heads=heads, intermediate_size=o.width * 8 // 3 // 2 * 2, max_position_embeddings=context,
                         tie_word_embeddings=True, rms_norm_eps=1e-5, bos_token_id=None, eos_token_id=None, pad_token_id=None)
    return LlamaForCausalLM(config).to(dtype)
