package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tokenizer.json} as GGUF's metadata: byte-level BPE as llama.cpp's {@code gpt2}, BPE with byte fallback as its {@code llama}. The
 * latter merges by scores; here a piece's score is the rank of the merge that makes it, which gives the same order.
 */
public final class GgufTokenizer {
    private static final String KEY = "tokenizer.ggml.";
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;
    private static final String HEAD = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String TAIL = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final Map<String, String> PATTERNS =
            Map.of(HEAD + "\\p{N}" + TAIL, "qwen2", HEAD + "\\p{N}{1,3}" + TAIL, "llama-bpe");

    private final ObjectNode json;
    private final JsonNode config;
    private final String source;
    private final Map<String, Integer> ids = new HashMap<>();

    private GgufTokenizer(ObjectNode json, JsonNode config, String source) {
        this.json = json;
        this.config = config;
        this.source = source;
    }

    /**
     * The metadata.
     *
     * @param tokenizerJson {@code tokenizer.json}
     * @param config {@code tokenizer_config.json}; empty if there is none
     * @param modelConfig {@code config.json}, for the ids of special tokens that the others do not name
     * @param vocabSize rows of the embedding table; ids without a token become unused ones
     * @throws InputException if it is of a kind that llama.cpp has no name for
     */
    public static Map<String, GgufValue> metadata(
            byte[] tokenizerJson, JsonNode config, JsonNode modelConfig, int vocabSize, String source) {
        ObjectNode json = Models.object(tokenizerJson, source + ": tokenizer.json");
        return new GgufTokenizer(json, config, source + ": tokenizer.json").metadata(modelConfig, vocabSize);
    }

    private Map<String, GgufValue> metadata(JsonNode modelConfig, int vocabSize) {
        JsonNode model = json.path("model");
        if (!model.path("type").asText("BPE").equals("BPE")
                || !model.path("vocab").isObject()) {
            throw new InputException(source + ": its model must be BPE to become GGUF, but is \""
                    + model.path("type").asText() + "\"; export safetensors instead");
        }
        boolean fallback = model.path("byte_fallback").asBoolean(false);
        String[] tokens = new String[vocabSize];
        int[] types = new int[vocabSize];
        Arrays.fill(types, UNUSED);
        model.path("vocab").properties().forEach(entry -> {
            boolean single = fallback && entry.getKey().matches("<0x[0-9A-F]{2}>");
            put(tokens, types, entry.getKey(), entry.getValue(), single ? BYTE : NORMAL);
        });
        for (JsonNode added : json.path("added_tokens")) {
            int type = added.path("special").asBoolean(false) ? CONTROL : USER_DEFINED;
            put(tokens, types, added.path("content").asText(), added.path("id"), type);
        }
        Integer unknown = ids.get(model.path("unk_token").asText(""));
        if (unknown != null && fallback) {
            types[unknown] = UNKNOWN;
        }
        for (int i = 0; i < vocabSize; i++) {
            tokens[i] = Objects.requireNonNullElse(tokens[i], "[PAD" + i + "]");
        }
        List<String> merges = merges(model);
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put(KEY + "model", new GgufValue.Text(fallback ? "llama" : "gpt2"));
        metadata.put(KEY + "pre", new GgufValue.Text(fallback ? "default" : pattern()));
        metadata.put(
                KEY + "tokens",
                new GgufValue.Values(
                        Arrays.stream(tokens).map(GgufValue.Text::new).toList()));
        if (fallback) {
            metadata.put(KEY + "scores", scores(tokens, merges));
            metadata.put(
                    KEY + "add_space_prefix",
                    new GgufValue.Flag(json.toString().contains("\"prepend\":\"▁\"")
                            || json.path("pre_tokenizer")
                                    .path("prepend_scheme")
                                    .asText("")
                                    .matches("first|always")));
        } else if (!merges.isEmpty()) {
            metadata.put(
                    KEY + "merges",
                    new GgufValue.Values(
                            merges.stream().map(GgufValue.Text::new).toList()));
        }
        metadata.put(
                KEY + "token_type",
                new GgufValue.Values(
                        Arrays.stream(types).mapToObj(GgufValue.Whole::new).toList()));
        special(metadata, modelConfig, vocabSize);
        return metadata;
    }

    private void put(String[] tokens, int[] types, String token, JsonNode id, int type) {
        if (!id.isInt() || id.intValue() < 0 || id.intValue() >= tokens.length) {
            throw new InputException(source + ": the token \"" + shorten(token) + "\" has the id " + id
                    + ", the model has " + tokens.length + " rows; use the tokenizer that belongs to the model");
        }
        tokens[id.intValue()] = token;
        types[id.intValue()] = type;
        ids.put(token, id.intValue());
    }

    /** Two texts with a space between; older files have it so, newer ones have pairs. */
    private static List<String> merges(JsonNode model) {
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : model.path("merges")) {
            merges.add(
                    merge.isArray()
                            ? merge.path(0).asText() + " " + merge.path(1).asText()
                            : merge.asText());
        }
        return merges;
    }

    private static GgufValue.Values scores(String[] tokens, List<String> merges) {
        Map<String, Integer> rank = new HashMap<>();
        for (int i = 0; i < merges.size(); i++) {
            rank.putIfAbsent(merges.get(i).replace(" ", ""), i);
        }
        return new GgufValue.Values(Arrays.stream(tokens)
                .map(token -> new GgufValue.Real(-rank.getOrDefault(token, merges.size())))
                .toList());
    }

    /** llama.cpp's name for how texts are cut before merging. */
    private String pattern() {
        JsonNode cut = json.path("pre_tokenizer");
        JsonNode steps = cut.path("type").asText().equals("Sequence")
                ? cut.path("pretokenizers")
                : JsonNodeFactory.instance.arrayNode().add(cut);
        boolean digits = false;
        for (JsonNode step : steps) {
            switch (step.path("type").asText()) {
                case "Split" -> {
                    String name =
                            PATTERNS.get(step.path("pattern").path("Regex").asText());
                    if (name != null) {
                        return name;
                    }
                }
                case "Digits" -> digits = step.path("individual_digits").asBoolean(false);
                case "ByteLevel" -> {
                    if (step.path("use_regex").asBoolean(true)) {
                        return digits ? "smollm" : "gpt-2";
                    }
                }
                default -> {}
            }
        }
        throw new InputException(
                source + ": its pre_tokenizer is none that llama.cpp knows by name (those of GPT-2, SmolLM, "
                        + "Llama 3 and Qwen 2 are written); export safetensors instead");
    }

    private void special(Map<String, GgufValue> metadata, JsonNode modelConfig, int vocabSize) {
        Map.of("bos", "bos", "eos", "eos", "pad", "padding", "unk", "unknown").forEach((name, key) -> {
            Integer id = id(name, modelConfig);
            if (id != null && id >= 0 && id < vocabSize) {
                metadata.put(KEY + key + "_token_id", new GgufValue.Whole(id));
            }
        });
        for (String flag : List.of("add_bos_token", "add_eos_token")) {
            if (config.path(flag).isBoolean()) {
                metadata.put(KEY + flag, new GgufValue.Flag(config.path(flag).booleanValue()));
            }
        }
        if (config.path("chat_template").isTextual()) {
            metadata.put(
                    "tokenizer.chat_template",
                    new GgufValue.Text(config.path("chat_template").asText()));
        }
    }

    private @Nullable Integer id(String name, JsonNode modelConfig) {
        JsonNode token = config.path(name + "_token");
        Integer named = ids.get(token.isObject() ? token.path("content").asText() : token.asText(""));
        JsonNode id = modelConfig.path(name + "_token_id");
        JsonNode first = id.isArray() ? id.path(0) : id;
        return named != null ? named : first.isInt() ? (Integer) first.intValue() : null;
    }

    private static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
