package dev.shoestring.recipe;

/**
 * Batch sizes, in examples; key {@code batch}.
 *
 * @param global examples in one optimizer step
 * @param micro examples in one forward and backward pass; divides {@code global}
 * @param byLength whether texts of similar length share a batch, so that little is padded; false pads random batches
 */
public record BatchSpec(int global, int micro, boolean byLength) {}
