package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * What is done to need less memory; key {@code memory}. What is null is chosen so that the job fits, the cheapest first.
 *
 * @param checkpointing whether activations of a block are computed again in the backward pass (arXiv 1604.06174)
 * @param lossChunk tokens whose scores over the vocabulary are held at a time
 * @param base how frozen weights are kept
 * @param moments how AdamW's moments are kept; key {@code memory.optimizer}
 * @param weights how the weights are kept where all are trained
 * @param limit bytes that the process may hold; null takes four fifths of the machine, divided by the processes on it
 */
public record MemorySpec(
        @Nullable Boolean checkpointing,
        @Nullable Integer lossChunk,
        @Nullable Base base,
        @Nullable Moments moments,
        @Nullable Weights weights,
        @Nullable Long limit) {
    /** Everything is chosen. */
    public static final MemorySpec AUTO = new MemorySpec(null, null, null, null, null, null);

    /** The same within another limit. */
    public MemorySpec withLimit(long bytes) {
        return new MemorySpec(checkpointing, lossChunk, base, moments, weights, bytes);
    }

    /** How frozen weights are kept. */
    public enum Base {
        /** Single precision. */
        FP32,
        /** bfloat16. */
        BF16,
        /** The blocks' matrices in eight bits, the rest in bfloat16. */
        INT8,
        /** The blocks' matrices in four bits (NormalFloat, arXiv 2305.14314), the rest in bfloat16. */
        NF4;

        /** Whether matrices are kept in fewer than sixteen bits, and made whole each time they are used. */
        public boolean quantized() {
            return this == INT8 || this == NF4;
        }
    }

    /** How AdamW's moments are kept; all but the first are rounded stochastically. */
    public enum Moments {
        /** Single precision, eight bytes a trained weight. */
        FP32,
        /** bfloat16, four bytes. */
        BF16,
        /** Eight bits with a scale for each 256, two bytes. */
        INT8
    }

    /** How trained weights are kept. */
    public enum Weights {
        /** Single precision. */
        FP32,
        /** bfloat16, rounded stochastically, with gradients in bfloat16. */
        BF16
    }
}
