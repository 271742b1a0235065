package dev.shoestring.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.recipe.InputException;
import dev.shoestring.text.LanguageTokenizer;
import dev.shoestring.text.TrainedTokenizer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of a language model beside its weights: those of the model that it began as, or a new tokenizer's.
 *
 * @param tokenizerJson {@code tokenizer.json}
 * @param tokenizerConfig {@code tokenizer_config.json}
 * @param generationConfig {@code generation_config.json}
 * @param chatTemplate {@code chat_template.jinja}
 * @param source names the model in messages
 */
record DecoderFolder(
        JsonNode tokenizerJson,
        @Nullable JsonNode tokenizerConfig,
        @Nullable JsonNode generationConfig,
        @Nullable String chatTemplate,
        String source) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static DecoderFolder of(ModelFiles files) {
        try {
            return new DecoderFolder(
                    JSON.readTree(files.tokenizerJson()),
                    files.tokenizerConfig().orElse(null),
                    files.generationConfig().orElse(null),
                    files.chatTemplate().orElse(null),
                    files.source());
        } catch (IOException invalid) {
            throw new InputException(files.source() + ": tokenizer.json is not valid JSON; fetch it again", invalid);
        }
    }

    static DecoderFolder of(TrainedTokenizer tokenizer) {
        return new DecoderFolder(tokenizer.tokenizerJson(), tokenizer.tokenizerConfig(), null, null, "a new tokenizer");
    }

    LanguageTokenizer open() {
        try {
            return LanguageTokenizer.from(JSON.writeValueAsBytes(tokenizerJson), tokenizerConfig, source);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Identifies the tokenizer. */
    String hash() {
        return dev.shoestring.data.Document.keyOf(tokenizerJson + "\n" + tokenizerConfig);
    }

    /** The files' contents by name; {@code ends} are the ids that end what the model writes. */
    Map<String, byte[]> contents(List<Integer> ends) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("tokenizer.json", bytes(tokenizerJson));
        files.put(
                "tokenizer_config.json",
                bytes(Optional.ofNullable(tokenizerConfig).orElseGet(() -> JsonNodeFactory.instance
                        .objectNode()
                        .put("tokenizer_class", "PreTrainedTokenizerFast"))));
        ObjectNode generation =
                generationConfig instanceof ObjectNode known ? known.deepCopy() : JsonNodeFactory.instance.objectNode();
        if (!ends.isEmpty()) {
            ArrayNode all = generation.putArray("eos_token_id");
            ends.forEach(all::add);
        }
        files.put("generation_config.json", bytes(generation));
        if (chatTemplate != null) {
            files.put("chat_template.jinja", chatTemplate.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return files;
    }

    private static byte[] bytes(JsonNode json) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
