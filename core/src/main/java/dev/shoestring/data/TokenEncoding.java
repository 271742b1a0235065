package dev.shoestring.data;

import java.util.List;
import java.util.function.Function;

/**
 * How texts become tokens.
 *
 * @param encode ids of each of some texts, in order; special tokens at a text's beginning or end are its own choice
 * @param hash names the tokenizer and its settings: two of one hash give the same ids
 * @param vocabularySize ids are in [0, vocabularySize)
 */
public record TokenEncoding(Function<List<String>, List<int[]>> encode, String hash, int vocabularySize) {
    /** Checks the size. */
    public TokenEncoding {
        if (vocabularySize < 1) {
            throw new IllegalArgumentException("the vocabulary must have a token: " + vocabularySize);
        }
    }
}
