package dev.shoestring.plan;

import java.util.Locale;

/**
 * How a job is spread over devices, and what each keeps of it.
 *
 * @param devices all devices
 * @param tensor devices that share every matrix (Megatron-LM, arXiv 1909.08053)
 * @param pipeline stages, each a run of blocks
 * @param shard what data-parallel copies share out among them
 * @param recompute activations that the backward pass computes again
 * @param microBatch sequences in one forward and backward pass of a data-parallel copy
 */
public record Layout(int devices, int tensor, int pipeline, Shard shard, Recompute recompute, int microBatch) {
    /** What data-parallel copies share out (ZeRO, arXiv 1910.02054, section 5). */
    public enum Shard {
        /** Nothing: every copy has all. */
        NONE,
        /** The optimizer's state (stage 1). */
        OPTIMIZER,
        /** Weights and gradients too (stage 3, FSDP). */
        FULL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Activation checkpointing. */
    public enum Recompute {
        /** All activations are kept. */
        NONE,
        /** Half the matrix products and what lies between them are computed again. */
        SELECTIVE,
        /** Only the input of each block is kept (arXiv 1604.06174). */
        FULL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Data-parallel copies. */
    public int data() {
        return devices / (tensor * pipeline);
    }

    /** In words, such as {@code 8 devices: data 8, full sharding, micro-batch 2, selective recomputation}. */
    public String inWords() {
        StringBuilder words = new StringBuilder();
        words.append(devices).append(devices == 1 ? " device" : " devices");
        if (devices > 1) {
            words.append(": data ").append(data());
            if (tensor > 1) {
                words.append(" × tensor ").append(tensor);
            }
            if (pipeline > 1) {
                words.append(" × pipeline ").append(pipeline);
            }
            words.append(
                    switch (shard) {
                        case NONE -> ", nothing sharded";
                        case OPTIMIZER -> ", optimizer sharded";
                        case FULL -> ", weights sharded";
                    });
        }
        words.append(", micro-batch ").append(microBatch).append(microBatch == 1 ? " sequence" : " sequences");
        words.append(
                switch (recompute) {
                    case NONE -> ", no recomputation";
                    case SELECTIVE -> ", selective recomputation";
                    case FULL -> ", full recomputation";
                });
        return words.toString();
    }
}
