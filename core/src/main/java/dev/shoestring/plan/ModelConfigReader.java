package dev.shoestring.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.plan.ModelShape.Attention;
import dev.shoestring.plan.ModelShape.Experts;
import dev.shoestring.plan.ModelShape.FeedForward;
import dev.shoestring.plan.ModelShape.Latent;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the sizes of a transformer from Hugging Face's {@code config.json}. All missing and impossible fields are named at once. */
public final class ModelConfigReader {
    private static final int LARGEST_FILE = 1 << 20;
    private static final int LARGEST_SIZE = 1 << 24;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Set<String> LLAMA = Set.of(
            "llama", "mistral", "qwen2", "qwen3", "smollm3", "mixtral", "qwen3_moe", "deepseek_v2", "deepseek_v3");
    private static final Set<String> OTHERS = Set.of("gpt2", "gpt_neox", "bloom", "mpt", "opt", "bert");

    private final String where;
    private final JsonNode config;
    private final List<String> problems = new ArrayList<>();

    private ModelConfigReader(String where, JsonNode config) {
        this.where = where;
        this.config = config;
    }

    /**
     * Reads a file.
     *
     * @throws InputException if it cannot be read, is not such a file, or lacks fields
     */
    public static ModelShape read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new InputException(file + ": a model's config.json has at most 1 MiB");
            }
            return of(file.toString(), JSON.readTree(bytes));
        } catch (JsonProcessingException malformed) {
            throw new InputException(file + ": is not JSON: " + malformed.getOriginalMessage(), malformed);
        } catch (IOException unreadable) {
            throw new InputException(file + ": cannot be read (" + unreadable + ")", unreadable);
        }
    }

    /**
     * Reads a parsed file.
     *
     * @param where what the fields belong to, for messages
     */
    static ModelShape of(String where, JsonNode config) {
        if (!config.isObject()) {
            throw new InputException(where + ": must be a JSON object with model_type and sizes");
        }
        return new ModelConfigReader(where, config).shape();
    }

    private ModelShape shape() {
        String family = config.path("model_type").asText("");
        if (!LLAMA.contains(family) && !OTHERS.contains(family)) {
            List<String> known = new ArrayList<>(LLAMA);
            known.addAll(OTHERS);
            known.sort(null);
            throw new InputException(where + ": model_type: must be one of " + String.join(", ", known) + ", but is "
                    + (family.isEmpty() ? "missing" : "\"" + family + "\""));
        }
        ModelShape shape =
                switch (family) {
                    case "gpt2" -> gpt2();
                    case "gpt_neox" -> neox();
                    case "bloom" -> bloom();
                    case "mpt" -> mpt();
                    case "opt" -> opt();
                    case "bert" -> bert();
                    default -> llama(family);
                };
        if (!problems.isEmpty()) {
            throw new InputException(where + ": " + String.join("; ", problems));
        }
        return shape;
    }

    private ModelShape llama(String family) {
        int hidden = size("hidden_size");
        int heads = size("num_attention_heads");
        boolean deepseek = family.startsWith("deepseek");
        if (!config.has("head_dim") && !deepseek) {
            divides("hidden_size", hidden, "num_attention_heads", heads);
        }
        int headSize = optional("head_dim", heads == 0 ? 1 : hidden / heads);
        boolean qwen2 = family.equals("qwen2");
        boolean bias = config.path("attention_bias").asBoolean(qwen2);
        boolean outputBias = !qwen2 && bias;
        boolean headNorm = family.startsWith("qwen3");
        int keyValueHeads = optional("num_key_value_heads", heads);
        Attention attention = new Attention(heads, keyValueHeads, headSize, headSize, bias, outputBias, headNorm, null);
        if (deepseek) {
            int rope = size("qk_rope_head_dim");
            int key = size("qk_nope_head_dim") + rope;
            Latent latent = new Latent(optionalOrZero("q_lora_rank"), size("kv_lora_rank"), rope);
            attention = new Attention(heads, heads, key, size("v_head_dim"), false, false, false, latent);
        } else {
            divides("num_attention_heads", heads, "num_key_value_heads", keyValueHeads);
        }
        boolean mlpBias = config.path("mlp_bias").asBoolean(false);
        FeedForward feedForward = new FeedForward(size("intermediate_size"), true, mlpBias, experts(family));
        boolean tied = config.path("tie_word_embeddings").asBoolean(false);
        return new ModelShape(
                family,
                layers("num_hidden_layers"),
                hidden,
                size("vocab_size"),
                attention,
                feedForward,
                tied,
                0,
                0,
                1,
                0,
                false);
    }

    private @Nullable Experts experts(String family) {
        Experts experts = mixture(family);
        if (experts != null && experts.active() > experts.routed()) {
            problems.add("num_experts_per_tok: must be at most the " + experts.routed() + " experts, but is "
                    + experts.active());
        }
        int layers = config.path("num_hidden_layers").asInt(0);
        if (experts != null && experts.denseLayers() > layers) {
            problems.add("first_k_dense_replace: must be at most the " + layers + " layers, but is "
                    + experts.denseLayers());
        }
        return experts;
    }

    private @Nullable Experts mixture(String family) {
        return switch (family) {
            case "mixtral" ->
                new Experts(size("num_local_experts"), size("num_experts_per_tok"), 0, size("intermediate_size"), 0);
            case "qwen3_moe" ->
                new Experts(size("num_experts"), size("num_experts_per_tok"), 0, size("moe_intermediate_size"), 0);
            case "deepseek_v2", "deepseek_v3" ->
                new Experts(
                        size("n_routed_experts"),
                        size("num_experts_per_tok"),
                        optionalOrZero("n_shared_experts"),
                        size("moe_intermediate_size"),
                        optionalOrZero("first_k_dense_replace"));
            default -> null;
        };
    }

    private ModelShape gpt2() {
        int hidden = size("n_embd");
        return classic(
                "gpt2",
                layers("n_layer"),
                hidden,
                size("n_head"),
                optional("n_inner", 4 * hidden),
                true,
                size("n_positions"),
                0,
                0,
                false);
    }

    private ModelShape neox() {
        boolean tied = config.path("tie_word_embeddings").asBoolean(false);
        int layers = layers("num_hidden_layers");
        int hidden = size("hidden_size");
        int heads = size("num_attention_heads");
        return classic("gpt_neox", layers, hidden, heads, size("intermediate_size"), tied, 0, 0, 0, false);
    }

    private ModelShape bloom() {
        String width = config.has("n_embed") ? "n_embed" : "hidden_size";
        int hidden = size(width);
        return classic("bloom", layers("n_layer"), hidden, size("n_head"), 4 * hidden, true, 0, 0, 1, false);
    }

    private ModelShape mpt() {
        int hidden = size("d_model");
        int ratio = optional("expansion_ratio", 4);
        if ((long) hidden * ratio > LARGEST_SIZE) {
            problems.add("expansion_ratio: times d_model must be at most " + LARGEST_SIZE + ", but is " + ratio);
            ratio = 1;
        }
        int inner = hidden * ratio;
        int heads = size("n_heads");
        divides("d_model", hidden, "n_heads", heads);
        Attention attention = plain(hidden, heads, false);
        FeedForward feedForward = new FeedForward(inner, false, false, null);
        return new ModelShape(
                "mpt", layers("n_layers"), hidden, size("vocab_size"), attention, feedForward, true, 0, 0, 1, 0, false);
    }

    private ModelShape opt() {
        int hidden = size("hidden_size");
        int embedding = optional("word_embed_proj_dim", hidden);
        if (embedding != hidden) {
            problems.add("word_embed_proj_dim: embeddings narrower than the model (" + hidden
                    + ") are not planned, but it is " + embedding);
        }
        int positions = size("max_position_embeddings") + 2;
        int layers = layers("num_hidden_layers");
        return classic(
                "opt", layers, hidden, size("num_attention_heads"), size("ffn_dim"), true, positions, 0, 0, false);
    }

    private ModelShape bert() {
        int positions = size("max_position_embeddings");
        int layers = layers("num_hidden_layers");
        int hidden = size("hidden_size");
        int heads = size("num_attention_heads");
        int inner = size("intermediate_size");
        return classic("bert", layers, hidden, heads, inner, true, positions, optional("type_vocab_size", 2), 1, true);
    }

    /** Multi-head attention and two matrices with biases, LayerNorms. */
    private ModelShape classic(
            String family,
            int layers,
            int hidden,
            int heads,
            int inner,
            boolean tied,
            int positions,
            int segments,
            int extraNorms,
            boolean encoder) {
        divides("width", hidden, "heads", heads);
        return new ModelShape(
                family,
                layers,
                hidden,
                size("vocab_size"),
                plain(hidden, heads, true),
                new FeedForward(inner, false, true, null),
                tied,
                positions,
                segments,
                2,
                extraNorms,
                encoder);
    }

    private static Attention plain(int hidden, int heads, boolean bias) {
        int size = heads == 0 ? 1 : hidden / heads;
        return new Attention(heads, heads, size, size, bias, bias, false, null);
    }

    private void divides(String whole, int hidden, String part, int heads) {
        if (hidden > 0 && heads > 0 && hidden % heads != 0) {
            problems.add(part + ": must divide " + whole + " " + hidden + ", but is " + heads);
        }
    }

    private int layers(String field) {
        int layers = size(field);
        if (layers > 10_000) {
            problems.add(field + ": must be at most 10000, but is " + layers);
            return 0;
        }
        return layers;
    }

    private int size(String field) {
        JsonNode value = config.path(field);
        if (value.isMissingNode() || value.isNull()) {
            problems.add(field + ": is missing");
            return 0;
        }
        return checked(field, value);
    }

    private int optional(String field, int otherwise) {
        JsonNode value = config.path(field);
        return value.isMissingNode() || value.isNull() ? otherwise : checked(field, value);
    }

    private int optionalOrZero(String field) {
        JsonNode value = config.path(field);
        return value.isMissingNode() || value.isNull() || value.asInt(-1) == 0 ? 0 : checked(field, value);
    }

    private int checked(String field, JsonNode value) {
        if (!value.canConvertToInt()
                || !value.isIntegralNumber()
                || value.asInt() < 1
                || value.asInt() > LARGEST_SIZE) {
            problems.add(field + ": must be a whole number from 1 to " + LARGEST_SIZE + ", but is " + value);
            return 0;
        }
        return value.asInt();
    }
}
