package dev.shoestring.data;

import java.nio.charset.StandardCharsets;

/**
 * One text of a corpus.
 *
 * @param text the text, to the letter
 * @param key the first 32 hexadecimal digits of the SHA-256 of the text in UTF-8
 */
public record Document(String text, String key) {
    private static final int KEY_DIGITS = 32;

    /** A document with the key of its text. */
    public static Document of(String text) {
        return new Document(text, keyOf(text));
    }

    /** The key of a text: the first digits of the SHA-256 of its UTF-8 bytes. */
    public static String keyOf(String text) {
        return ContentHash.of(text.getBytes(StandardCharsets.UTF_8)).substring(0, KEY_DIGITS);
    }
}
