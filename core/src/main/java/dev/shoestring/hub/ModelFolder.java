package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes a BERT-family model in Hugging Face layout, as Transformers' {@code AutoModel} and {@code AutoTokenizer} read it. */
public final class ModelFolder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> SPECIAL_TOKENS = Map.of(
            "cls_token",
            "[CLS]",
            "mask_token",
            "[MASK]",
            "pad_token",
            "[PAD]",
            "sep_token",
            "[SEP]",
            "unk_token",
            "[UNK]");

    private ModelFolder() {}

    /**
     * Writes the model beside its place and moves it there; an earlier model there is replaced.
     *
     * @throws InputException if it cannot be written
     */
    public static void write(Path folder, JsonNode config, byte[] tokenizerJson, List<Safetensors.TensorData> tensors) {
        DraftFolder.write(folder, "the model", draft -> {
            weights(draft, config, tensors);
            write(draft.resolve("tokenizer_config.json"), tokenizerConfig(config, tokenizerJson));
            write(draft.resolve("special_tokens_map.json"), specialTokens());
            Files.write(draft.resolve("tokenizer.json"), withoutPadding(tokenizerJson));
        });
    }

    /**
     * Writes an image network in timm's layout beside its place and moves it there; an earlier model there is replaced.
     *
     * @throws InputException if it cannot be written
     */
    public static void write(Path folder, JsonNode config, List<Safetensors.TensorData> tensors) {
        DraftFolder.write(folder, "the model", draft -> weights(draft, config, tensors));
    }

    private static void weights(Path draft, JsonNode config, List<Safetensors.TensorData> tensors) throws IOException {
        Safetensors.write(draft.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
        write(draft.resolve("config.json"), config);
    }

    private static void write(Path file, JsonNode json) throws IOException {
        Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }

    private static ObjectNode specialTokens() {
        ObjectNode json = JSON.createObjectNode();
        SPECIAL_TOKENS.forEach(json::put);
        return json;
    }

    private static ObjectNode tokenizerConfig(JsonNode config, byte[] tokenizerJson) {
        ObjectNode json = specialTokens();
        json.put("tokenizer_class", "BertTokenizer");
        JsonNode normalizer = Models.object(tokenizerJson, "tokenizer.json").path("normalizer");
        json.put("do_lower_case", normalizer.path("lowercase").asBoolean(true));
        json.put("model_max_length", config.path("max_position_embeddings").asInt(512));
        return json;
    }

    /** Readers pad and cut as they are told to, not as the base model was once exported. */
    private static byte[] withoutPadding(byte[] tokenizerJson) throws IOException {
        ObjectNode json = Models.object(tokenizerJson, "tokenizer.json");
        json.putNull("padding").putNull("truncation");
        return JSON.writeValueAsBytes(json);
    }
}
