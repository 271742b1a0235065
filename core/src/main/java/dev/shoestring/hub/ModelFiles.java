package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;

/** A model as it is stored: sizes, weights, tokenizer. A class and no record, for its array is compared nowhere. */
public final class ModelFiles implements AutoCloseable {
    private final JsonNode config;
    private final Weights weights;
    private final byte[] tokenizerJson;
    private final String source;

    ModelFiles(JsonNode config, Weights weights, byte[] tokenizerJson, String source) {
        this.config = config;
        this.weights = weights;
        this.tokenizerJson = tokenizerJson;
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

    /** The reference it was opened by, for messages. */
    public String source() {
        return source;
    }

    @Override
    public void close() {
        weights.close();
    }
}
