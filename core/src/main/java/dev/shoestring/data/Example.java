package dev.shoestring.data;

/**
 * One training or evaluation example.
 *
 * @param text the text
 * @param label index into {@link TextData#labels()}
 */
public record Example(String text, int label) {}
