package dev.shoestring.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.InputException;
import org.jspecify.annotations.Nullable;

/** Names of special tokens in {@code tokenizer_config.json}: strings, or objects with {@code content}. */
final class SpecialTokenNames {
    private SpecialTokenNames() {}

    /** The token under {@code key}, or null if the configuration names none. */
    static @Nullable String of(@Nullable JsonNode config, String key, String source) {
        JsonNode value = config == null ? null : config.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        JsonNode content = value.isObject() ? value.path("content") : value;
        if (!content.isTextual()) {
            throw new InputException(source + ": tokenizer_config.json: " + key
                    + " must be a token or an object with its content, but is " + value.getNodeType());
        }
        return content.textValue();
    }
}
