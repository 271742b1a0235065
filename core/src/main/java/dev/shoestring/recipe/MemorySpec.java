package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * What is done to need less memory; key {@code memory}. What is null is chosen so that the job fits, the cheapest first.
 *
 * @param checkpointing whether activations of a block are computed again in the backward pass (arXiv 1604.06174)
 * @param lossChunk tokens whose scores over the vocabulary are held at a time
 * @param base element type of frozen weights
 * @param limit bytes that the process may hold; null takes what the machine has free
 */
public record MemorySpec(
        @Nullable Boolean checkpointing,
        @Nullable Integer lossChunk,
        @Nullable Base base,
        @Nullable Long limit) {
    /** Everything is chosen. */
    public static final MemorySpec AUTO = new MemorySpec(null, null, null, null);

    /** Element types of frozen weights. */
    public enum Base {
        /** Single precision. */
        FP32,
        /** bfloat16. */
        BF16
    }
}
