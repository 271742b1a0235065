package dev.shoestring.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** Reads what the scripts in {@code compat/} made for the tests of this package. */
final class TextFixtures {
    private TextFixtures() {}

    static byte[] bytes(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(TextFixtures.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    static LanguageTokenizer tokenizer(String name) throws IOException {
        return LanguageTokenizer.from(bytes(name + ".json"), null, name);
    }
}
