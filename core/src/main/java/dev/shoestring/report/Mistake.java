package dev.shoestring.report;

import org.jspecify.annotations.Nullable;

/**
 * An example that the model gets wrong.
 *
 * @param text its text, or the path of its image
 * @param truth its label
 * @param predicted the label predicted instead
 * @param probability how sure the model was of that, in [0, 1]
 * @param picture the image as a PNG in Base64; null for a text
 */
public record Mistake(
        String text,
        String truth,
        String predicted,
        double probability,
        @Nullable String picture) {}
