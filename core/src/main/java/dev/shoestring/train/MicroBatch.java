package dev.shoestring.train;

/** What one forward and backward pass takes in. */
public interface MicroBatch {
    /** Terms of the loss: examples, or tokens where each token has a loss. A step divides by the sum over its micro-batches. */
    default long weight() {
        return examples();
    }

    /** Examples in it. */
    int examples();

    /** Tokens that are no padding; 0 where the pass sees no tokens. */
    default long realTokens() {
        return 0;
    }

    /** Floating-point operations of its forward and backward pass, each counted once: what model FLOPs utilization refers to. */
    double flops();

    /** Floating-point operations of what its backward pass computes again, to need less memory. */
    default double repeatedFlops() {
        return 0;
    }
}
