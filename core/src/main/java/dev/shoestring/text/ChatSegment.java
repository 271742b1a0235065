package dev.shoestring.text;

/**
 * A part of a rendered conversation.
 *
 * @param text as rendered
 * @param trained whether the assistant wrote it, the mark that ends its turn included: what training on answers learns
 */
public record ChatSegment(String text, boolean trained) {}
