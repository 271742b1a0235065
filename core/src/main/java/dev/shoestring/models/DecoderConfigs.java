package dev.shoestring.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Decoder configurations as Hugging Face's {@code config.json}, in the forms that Transformers 4 and 5 write. Everything that a file asks
 * for and that is not done here is refused by its name, so that no model is computed otherwise than it was trained.
 */
public final class DecoderConfigs {
    private static final Map<String, String> ARCHITECTURES = Map.of(
            "llama", "LlamaForCausalLM",
            "mistral", "MistralForCausalLM",
            "qwen2", "Qwen2ForCausalLM",
            "qwen3", "Qwen3ForCausalLM");
    private static final List<String> UNSUPPORTED = List.of(
            "quantization_config",
            "num_local_experts",
            "num_experts",
            "attn_logit_softcapping",
            "final_logit_softcapping",
            "no_rope_layers",
            "embedding_multiplier",
            "residual_multiplier",
            "attention_multiplier",
            "logits_scaling");
    private static final int LARGEST = 1 << 24;
    private static final int MOST_LAYERS = 1024;
    private static final double DEVIATION = 0.02;

    private final JsonNode json;
    private final String where;
    private final List<String> problems = new ArrayList<>();

    private DecoderConfigs(JsonNode json, String where) {
        this.json = json;
        this.where = where;
    }

    /** Whether {@code config.json} is that of a decoder that is read here. */
    public static boolean known(JsonNode json) {
        return ARCHITECTURES.containsKey(json.path("model_type").asText());
    }

    /**
     * Reads {@code config.json}.
     *
     * @param source names the model in messages
     * @throws InputException with every field that is missing, impossible or not supported
     */
    public static DecoderConfig read(JsonNode json, String source) {
        return new DecoderConfigs(json, source + ": config.json").read();
    }

    private DecoderConfig read() {
        String family = json.path("model_type").asText("");
        if (!ARCHITECTURES.containsKey(family)) {
            throw new InputException(where + ": model_type must be one of "
                    + String.join(", ", ARCHITECTURES.keySet().stream().sorted().toList())
                    + ", whose language models are computed here, but is \"" + shorten(family) + "\"");
        }
        refuseUnsupported();
        int hiddenSize = size("hidden_size", null, LARGEST);
        int numLayers = size("num_hidden_layers", null, MOST_LAYERS);
        int numHeads = size("num_attention_heads", null, 1 << 16);
        int numKeyValueHeads = size("num_key_value_heads", numHeads, 1 << 16);
        int headDim = size("head_dim", numHeads > 0 ? Math.max(1, hiddenSize / numHeads) : 1, 1 << 16);
        int maxPositions = size("max_position_embeddings", 2048, LARGEST);
        if (numKeyValueHeads > 0 && numHeads % numKeyValueHeads != 0) {
            problems.add("num_attention_heads (" + numHeads + ") must be a multiple of num_key_value_heads ("
                    + numKeyValueHeads + ")");
        }
        if (headDim % 2 != 0) {
            problems.add("head_dim (" + headDim + ") must be even, for rotary positions turn pairs");
        }
        if (!json.path("head_dim").isNumber() && numHeads > 0 && hiddenSize % numHeads != 0) {
            problems.add("hidden_size (" + hiddenSize + ") must be a multiple of num_attention_heads (" + numHeads
                    + ") where there is no head_dim");
        }
        boolean attentionBias = flag("attention_bias", false);
        DecoderConfig.Biases biases =
                switch (family) {
                    case "qwen2" -> new DecoderConfig.Biases(true, false, false);
                    case "mistral" -> DecoderConfig.Biases.NONE;
                    default ->
                        new DecoderConfig.Biases(
                                attentionBias, attentionBias, family.equals("llama") && flag("mlp_bias", false));
                };
        int vocabSize = size("vocab_size", null, LARGEST);
        int intermediateSize = size("intermediate_size", null, LARGEST);
        RotaryPositions rope = rope();
        List<Integer> windows = windows(family, numLayers);
        double eps = number("rms_norm_eps", 1e-6, 0, 1);
        double deviation = number("initializer_range", DEVIATION, 0, 10);
        if (!problems.isEmpty()) {
            throw new InputException(
                    where + ": " + String.join("; ", problems) + "; use the config.json that belongs to the weights");
        }
        return new DecoderConfig(
                family,
                vocabSize,
                hiddenSize,
                numLayers,
                numHeads,
                numKeyValueHeads,
                headDim,
                intermediateSize,
                maxPositions,
                eps,
                rope,
                flag("tie_word_embeddings", false),
                biases,
                family.equals("qwen3"),
                windows,
                deviation);
    }

    private void refuseUnsupported() {
        for (String key : UNSUPPORTED) {
            JsonNode value = json.path(key);
            if (!value.isMissingNode() && !value.isNull()) {
                problems.add(key + " is not supported, but is " + shorten(value.toString()));
            }
        }
        String activation = json.path("hidden_act").asText("silu");
        if (!activation.equals("silu")) {
            problems.add("hidden_act must be silu, but is \"" + shorten(activation) + "\"");
        }
        double partial = json.path("partial_rotary_factor").asDouble(1);
        if (partial != 1) {
            problems.add("partial_rotary_factor must be 1, but is " + partial);
        }
    }

    /** Transformers 5 keeps base and scaling in {@code rope_parameters}, earlier ones in {@code rope_theta} and {@code rope_scaling}. */
    private RotaryPositions rope() {
        JsonNode scaling = json.path(json.path("rope_parameters").isObject() ? "rope_parameters" : "rope_scaling");
        JsonNode theta = scaling.path("rope_theta").isNumber() ? scaling.path("rope_theta") : json.path("rope_theta");
        double base = theta.isMissingNode() || theta.isNull() ? 10_000 : number(theta, "rope_theta", 1, 1e12);
        String kind = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
        return switch (kind) {
            case "default" -> new RotaryPositions.Plain(base);
            case "linear" -> new RotaryPositions.Linear(base, number(scaling.path("factor"), "factor", 1e-3, 1e6));
            case "llama3" -> {
                double low = number(scaling.path("low_freq_factor"), "low_freq_factor", 1e-3, 1e6);
                double high = number(scaling.path("high_freq_factor"), "high_freq_factor", 1e-3, 1e6);
                if (high <= low) {
                    problems.add("high_freq_factor (" + high + ") must be greater than low_freq_factor (" + low + ")");
                }
                yield new RotaryPositions.Llama3(
                        base, number(scaling.path("factor"), "factor", 1e-3, 1e6), low, high, (int) number(
                                scaling.path("original_max_position_embeddings"),
                                "original_max_position_embeddings",
                                1,
                                LARGEST));
            }
            default -> {
                problems.add("rope_type must be default, linear or llama3, but is \"" + shorten(kind) + "\"");
                yield new RotaryPositions.Plain(base);
            }
        };
    }

    private List<Integer> windows(String family, int numLayers) {
        int layers = Math.max(0, numLayers);
        JsonNode value = json.path("sliding_window");
        boolean used = family.equals("mistral") || (family.startsWith("qwen") && flag("use_sliding_window", false));
        if (!used || value.isNull() || value.isMissingNode()) {
            return Collections.nCopies(layers, 0);
        }
        int window = size("sliding_window", null, LARGEST);
        List<Integer> windows = new ArrayList<>();
        JsonNode types = json.path("layer_types");
        if (types.isArray() && types.size() != layers) {
            problems.add("layer_types has " + types.size() + " entries for " + layers + " layers");
            return Collections.nCopies(layers, 0);
        }
        // Without a list, Qwen slides in the layers from max_window_layers on, Mistral in all.
        int first =
                family.equals("mistral") ? 0 : json.path("max_window_layers").asInt(layers);
        for (int i = 0; i < layers; i++) {
            String type = types.isArray() ? types.get(i).asText() : i >= first ? "sliding_attention" : "full_attention";
            if (!type.equals("sliding_attention") && !type.equals("full_attention")) {
                problems.add(
                        "layer_types must be full_attention or sliding_attention, but is \"" + shorten(type) + "\"");
            }
            windows.add(type.equals("sliding_attention") ? window : 0);
        }
        return windows;
    }

    private int size(String key, @org.jspecify.annotations.Nullable Integer otherwise, int largest) {
        JsonNode value = json.path(key);
        if (otherwise != null && (value.isMissingNode() || value.isNull())) {
            return otherwise;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < 1
                || value.intValue() > largest) {
            problems.add(key + " must be a whole number from 1 to " + largest + ", but is "
                    + (value.isMissingNode() ? "missing" : shorten(value.toString())));
            return 1;
        }
        return value.intValue();
    }

    private double number(String key, double otherwise, double low, double high) {
        JsonNode value = json.path(key);
        return value.isMissingNode() || value.isNull() ? otherwise : number(value, key, low, high);
    }

    private double number(JsonNode value, String key, double low, double high) {
        if (!value.isNumber() || !(value.asDouble() >= low && value.asDouble() <= high)) {
            problems.add(key + " must be a number from " + low + " to " + high + ", but is "
                    + (value.isMissingNode() ? "missing" : shorten(value.toString())));
            return high;
        }
        return value.asDouble();
    }

    private boolean flag(String key, boolean otherwise) {
        JsonNode value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            problems.add(key + " must be true or false, but is " + shorten(value.toString()));
        }
        return value.asBoolean();
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    /** The configuration as {@code config.json}, in the form that Transformers 4.3x to 5 read. */
    public static ObjectNode write(DecoderConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model_type", config.family());
        json.putArray("architectures").add(ARCHITECTURES.get(config.family()));
        json.put("vocab_size", config.vocabSize())
                .put("hidden_size", config.hiddenSize())
                .put("num_hidden_layers", config.numLayers())
                .put("num_attention_heads", config.numHeads())
                .put("num_key_value_heads", config.numKeyValueHeads())
                .put("head_dim", config.headDim())
                .put("intermediate_size", config.intermediateSize())
                .put("max_position_embeddings", config.maxPositions())
                .put("rms_norm_eps", config.normEps())
                .put("hidden_act", "silu")
                .put("tie_word_embeddings", config.tied())
                .put("initializer_range", config.deviation())
                .put("rope_theta", config.rope().theta());
        putScaling(json, config.rope());
        if (config.family().equals("llama") || config.family().equals("qwen3")) {
            json.put("attention_bias", config.biases().queryKeyValue());
        }
        if (config.family().equals("llama")) {
            json.put("mlp_bias", config.biases().feedForward());
        }
        int window = config.windows().stream().mapToInt(Integer::intValue).max().orElse(0);
        if (window == 0) {
            json.putNull("sliding_window");
        } else {
            json.put("sliding_window", window);
            var types = json.putArray("layer_types");
            config.windows().forEach(one -> types.add(one > 0 ? "sliding_attention" : "full_attention"));
        }
        if (config.family().startsWith("qwen")) {
            json.put("use_sliding_window", window > 0);
        }
        return json;
    }

    private static void putScaling(ObjectNode json, RotaryPositions rope) {
        if (rope instanceof RotaryPositions.Linear linear) {
            json.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
        } else if (rope instanceof RotaryPositions.Llama3 llama) {
            json.putObject("rope_scaling")
                    .put("rope_type", "llama3")
                    .put("factor", llama.factor())
                    .put("low_freq_factor", llama.lowFactor())
                    .put("high_freq_factor", llama.highFactor())
                    .put("original_max_position_embeddings", llama.originalPositions());
        }
    }
}
