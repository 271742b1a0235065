package dev.shoestring.train;

/** What one forward and backward pass takes in. */
public interface MicroBatch {
    /** Terms of the loss: examples, or tokens where each token has a loss. A step divides by the sum over its micro-batches. */
    long weight();

    /** Examples in it. */
    int examples();

    /** Tokens that are no padding. */
    long realTokens();

    /** Floating-point operations of its forward and backward pass. */
    double flops();
}
