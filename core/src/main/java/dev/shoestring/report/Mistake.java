package dev.shoestring.report;

/**
 * An example that the model gets wrong.
 *
 * @param text its text
 * @param truth its label
 * @param predicted the label predicted instead
 * @param probability how sure the model was of that, in [0, 1]
 */
public record Mistake(String text, String truth, String predicted, double probability) {}
