package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** A model as it is stored: sizes, weights, tokenizer. A class and no record, for its array is compared nowhere. */
public final class ModelFiles implements AutoCloseable {
    private final JsonNode config;
    private final Weights weights;
    private final byte[] tokenizerJson;
    private final TextFiles textFiles;
    private final String source;

    /** What lies beside a language model's tokenizer, each file unchecked and perhaps not there. */
    record TextFiles(
            Optional<JsonNode> tokenizerConfig, Optional<JsonNode> generationConfig, Optional<String> chatTemplate) {
        static final TextFiles NONE = new TextFiles(Optional.empty(), Optional.empty(), Optional.empty());
    }

    ModelFiles(JsonNode config, Weights weights, byte[] tokenizerJson, TextFiles textFiles, String source) {
        this.config = config;
        this.weights = weights;
        this.tokenizerJson = tokenizerJson;
        this.textFiles = textFiles;
        this.source = source;
    }

    /** {@code config.json}, unchecked. */
    public JsonNode config() {
        return config;
    }

    /** The weights. */
    public Weights weights() {
        return weights;
    }

    /** {@code tokenizer.json}, unchecked; not to be changed. */
    public byte[] tokenizerJson() {
        return tokenizerJson;
    }

    /** {@code tokenizer_config.json}, unchecked, if there is one. */
    public Optional<JsonNode> tokenizerConfig() {
        return textFiles.tokenizerConfig();
    }

    /** {@code generation_config.json}, unchecked, if there is one. */
    public Optional<JsonNode> generationConfig() {
        return textFiles.generationConfig();
    }

    /** {@code chat_template.jinja}, unchecked, if there is one; older models have it in {@link #tokenizerConfig}. */
    public Optional<String> chatTemplate() {
        return textFiles.chatTemplate();
    }

    /** The reference it was opened by, for messages. */
    public String source() {
        return source;
    }

    @Override
    public void close() {
        weights.close();
    }
}
