package dev.shoestring.models;

import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.GgufType;
import dev.shoestring.hub.GgufValue;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A decoder as llama.cpp names it in GGUF: its architectures {@code llama} (Llama and Mistral), {@code qwen2} and {@code qwen3}. For the
 * first, the rows of queries and keys are put in another order, for llama.cpp turns neighbouring numbers there where Hugging Face turns
 * numbers that lie half a head apart.
 */
public final class DecoderGguf {
    private static final List<Map.Entry<String, String>> NAMES = List.of(
            Map.entry("model.embed_tokens.", "token_embd."),
            Map.entry("model.norm.", "output_norm."),
            Map.entry("lm_head.", "output."),
            Map.entry("model.layers.", "blk."),
            Map.entry(".input_layernorm.", ".attn_norm."),
            Map.entry(".post_attention_layernorm.", ".ffn_norm."),
            Map.entry(".self_attn.q_proj.", ".attn_q."),
            Map.entry(".self_attn.k_proj.", ".attn_k."),
            Map.entry(".self_attn.v_proj.", ".attn_v."),
            Map.entry(".self_attn.o_proj.", ".attn_output."),
            Map.entry(".self_attn.q_norm.", ".attn_q_norm."),
            Map.entry(".self_attn.k_norm.", ".attn_k_norm."),
            Map.entry(".mlp.gate_proj.", ".ffn_gate."),
            Map.entry(".mlp.up_proj.", ".ffn_up."),
            Map.entry(".mlp.down_proj.", ".ffn_down."));

    private DecoderGguf() {}

    /**
     * The sizes as metadata. A window that not every token sees through is not known there: the context is then stated no longer than the
     * window, within which both compute the same.
     *
     * @param name what the model is called
     * @param fileType how most matrices are kept
     */
    public static Map<String, GgufValue> metadata(DecoderConfig config, String name, GgufType fileType) {
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        String architecture = architecture(config);
        metadata.put("general.architecture", new GgufValue.Text(architecture));
        metadata.put("general.name", new GgufValue.Text(name));
        metadata.put("general.file_type", new GgufValue.Whole(fileType.fileType()));
        metadata.put("general.quantization_version", new GgufValue.Whole(2));
        int window = config.windows().stream()
                .filter(one -> one > 0)
                .mapToInt(Integer::intValue)
                .min()
                .orElse(Integer.MAX_VALUE);
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("block_count", config.numLayers());
        sizes.put("context_length", Math.min(window, config.maxPositions()));
        sizes.put("embedding_length", config.hiddenSize());
        sizes.put("feed_forward_length", config.intermediateSize());
        sizes.put("vocab_size", config.vocabSize());
        sizes.put("attention.head_count", config.numHeads());
        sizes.put("attention.head_count_kv", config.numKeyValueHeads());
        sizes.put("attention.key_length", config.headDim());
        sizes.put("attention.value_length", config.headDim());
        sizes.put("rope.dimension_count", config.headDim());
        sizes.forEach((key, size) -> metadata.put(architecture + "." + key, new GgufValue.Whole(size)));
        metadata.put(architecture + ".attention.layer_norm_rms_epsilon", new GgufValue.Real((float) config.normEps()));
        metadata.put(architecture + ".rope.freq_base", new GgufValue.Real((float)
                config.rope().theta()));
        if (config.rope() instanceof RotaryPositions.Linear linear) {
            metadata.put(architecture + ".rope.scaling.type", new GgufValue.Text("linear"));
            metadata.put(architecture + ".rope.scaling.factor", new GgufValue.Real((float) linear.factor()));
        }
        return metadata;
    }

    private static String architecture(DecoderConfig config) {
        return config.family().equals("mistral") ? "llama" : config.family();
    }

    /** The weights under llama.cpp's names, from those under Hugging Face's. */
    public static List<TensorOutput> tensors(DecoderConfig config, Map<String, Supplier<Tensor>> weights) {
        List<TensorOutput> tensors = new ArrayList<>();
        if (config.rope() instanceof RotaryPositions.Llama3 scaled) {
            float[] factors = factors(scaled, config.headDim());
            tensors.add(new TensorOutput(
                    new TensorInfo("rope_freqs.weight", ElementType.F32, List.of((long) factors.length)),
                    () -> Tensor.of(factors, factors.length)));
        }
        DecoderShapes.of(config).forEach((name, shape) -> {
            Supplier<Tensor> values = weights.get(name);
            if (values == null) {
                throw new IllegalArgumentException("no weight " + name);
            }
            tensors.add(new TensorOutput(
                    new TensorInfo(renamed(name), ElementType.F32, shape), reordered(config, name, values)));
        });
        return tensors;
    }

    private static String renamed(String name) {
        String renamed = name;
        for (Map.Entry<String, String> part : NAMES) {
            renamed = renamed.replace(part.getKey(), part.getValue());
        }
        return renamed;
    }

    /** What each frequency is divided by. */
    private static float[] factors(RotaryPositions.Llama3 scaled, int headDim) {
        double[] plain = new RotaryPositions.Plain(scaled.theta()).frequencies(headDim);
        double[] used = scaled.frequencies(headDim);
        float[] factors = new float[plain.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (plain[i] / used[i]);
        }
        return factors;
    }

    private static Supplier<Tensor> reordered(DecoderConfig config, String name, Supplier<Tensor> values) {
        boolean query = name.contains(".q_proj.");
        if (!architecture(config).equals("llama") || !(query || name.contains(".k_proj."))) {
            return values;
        }
        long heads = query ? config.numHeads() : config.numKeyValueHeads();
        return () -> {
            Tensor rows = values.get();
            return rows.view(heads, 2, config.headDim() / 2, -1)
                    .transpose(1, 2)
                    .contiguous()
                    .view(rows.shape());
        };
    }
}
