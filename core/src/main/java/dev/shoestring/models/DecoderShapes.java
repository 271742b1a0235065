package dev.shoestring.models;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parameters of a {@link Decoder} and their shapes, known without building it. */
public final class DecoderShapes {
    private final DecoderConfig config;
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

    private DecoderShapes(DecoderConfig config) {
        this.config = config;
    }

    /** Shapes by Hugging Face's names, in the order in which the decoder asks for them. */
    public static Map<String, List<Long>> of(DecoderConfig config) {
        return new DecoderShapes(config).all();
    }

    private Map<String, List<Long>> all() {
        long width = config.hiddenSize();
        put("model.embed_tokens.weight", config.vocabSize(), width);
        for (int i = 0; i < config.numLayers(); i++) {
            layer("model.layers." + i, width);
        }
        put("model.norm.weight", width);
        if (!config.tied()) {
            put("lm_head.weight", config.vocabSize(), width);
        }
        return shapes;
    }

    private void layer(String name, long width) {
        long queries = (long) config.numHeads() * config.headDim();
        long keys = (long) config.numKeyValueHeads() * config.headDim();
        long middle = config.intermediateSize();
        DecoderConfig.Biases biases = config.biases();
        put(name + ".input_layernorm.weight", width);
        linear(name + ".self_attn.q_proj", queries, width, biases.queryKeyValue());
        linear(name + ".self_attn.k_proj", keys, width, biases.queryKeyValue());
        linear(name + ".self_attn.v_proj", keys, width, biases.queryKeyValue());
        linear(name + ".self_attn.o_proj", width, queries, biases.attentionOutput());
        if (config.headNorm()) {
            put(name + ".self_attn.q_norm.weight", config.headDim());
            put(name + ".self_attn.k_norm.weight", config.headDim());
        }
        put(name + ".post_attention_layernorm.weight", width);
        linear(name + ".mlp.gate_proj", middle, width, biases.feedForward());
        linear(name + ".mlp.up_proj", middle, width, biases.feedForward());
        linear(name + ".mlp.down_proj", width, middle, biases.feedForward());
    }

    private void linear(String name, long out, long in, boolean biased) {
        put(name + ".weight", out, in);
        if (biased) {
            put(name + ".bias", out);
        }
    }

    private void put(String name, long... shape) {
        shapes.put(name, java.util.Arrays.stream(shape).boxed().toList());
    }
}
