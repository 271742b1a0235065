package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * What is done to need less memory; key {@code memory}. What is null is chosen so that the job fits, the cheapest first.
 *
 * @param checkpointing whether activations of a block are computed again in the backward pass (arXiv 1604.06174)
 * @param lossChunk tokens whose scores over the vocabulary are held at a time
 * @param weights element type of trained weights
 * @param optimizerState element type of the optimizer's moments
 * @param base element type of frozen weights
 * @param limit bytes that the process may hold; null takes what the machine has free
 */
public record MemorySpec(
        @Nullable Boolean checkpointing,
        @Nullable Integer lossChunk,
        @Nullable Weights weights,
        @Nullable State optimizerState,
        @Nullable Base base,
        @Nullable Long limit) {
    /** Everything is chosen. */
    public static final MemorySpec AUTO = new MemorySpec(null, null, null, null, null, null);

    /** Element types of trained weights. */
    public enum Weights {
        /** Single precision. */
        FP32,
        /** bfloat16, rounded at random so that small steps are not lost (arXiv 2010.06192). */
        BF16
    }

    /** Element types of an optimizer's moments. */
    public enum State {
        /** Single precision. */
        FP32,
        /** bfloat16, rounded at random. */
        BF16,
        /** Eight bits with a scale for each block of numbers (arXiv 2110.02861). */
        INT8
    }

    /** Element types of frozen weights. */
    public enum Base {
        /** Single precision. */
        FP32,
        /** bfloat16. */
        BF16,
        /** Eight bits with a scale for each row's block. */
        INT8,
        /** Four bits, the quantiles of a normal distribution, with a scale for each block (QLoRA, arXiv 2305.14314, section 3). */
        NF4
    }
}
