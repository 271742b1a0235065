package dev.shoestring.recipe;

/**
 * Batch sizes, in examples; key {@code batch}.
 *
 * @param global examples in one optimizer step
 * @param micro examples in one forward and backward pass; divides {@code global}
 */
public record BatchSpec(int global, int micro) {}
