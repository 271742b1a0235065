package dev.shoestring.run;

import dev.shoestring.cost.FreeMemory;
import dev.shoestring.distributed.Launched;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.plan.ThisMachine;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import dev.shoestring.tensor.DType;
import dev.shoestring.train.Arithmetic;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a language model's training does to fit into memory. What the recipe leaves open is chosen here, the measure that costs least
 * first: scores by chunks cost nothing, frozen weights in bf16 nothing where products are in bf16, moments in bf16 some rounding, computing
 * blocks again a third of the blocks' operations, trained weights in bf16 more rounding.
 *
 * @param checkpointing whether blocks are computed again in the backward pass
 * @param lossChunk tokens whose scores are held at a time
 * @param storage how the network's parameters are kept
 * @param moments how AdamW's moments are kept
 * @param weightBytes the network's weights
 * @param trainedBytes gradients and moments
 * @param teacherBytes what a teacher adds to the peak
 * @param bytes estimated peak of the process
 */
record MemoryPlan(
        boolean checkpointing,
        int lossChunk,
        ParameterStore.Storage storage,
        MemorySpec.Moments moments,
        long weightBytes,
        long trainedBytes,
        long teacherBytes,
        long bytes) {
    /** The process before any tensor: heap, libraries, allocator. */
    private static final long BASE = 500L << 20;

    /** Scores that are held at a time without asking: they fit the caches, and their memory is used again (docs/experiments.md, 2026-11-24). */
    private static final long SCORES = 1L << 20;

    private static final int FEWEST = 64;
    private static final double MOST_OF_THE_MACHINE = 0.8;

    /** Bytes a score takes while its gradient is made: the score, its logarithm, the gradient, in single and half precision. */
    private static final long SCORE = 14;

    /** Tensors of the model's width that a block keeps for its backward pass, found by measuring. */
    private static final double KEPT_WIDTHS = 14;

    /** The same of the feed-forward width. */
    private static final double KEPT_MIDDLES = 5;

    /** The same of attention's scores. */
    private static final double KEPT_SCORES = 3;

    static MemoryPlan of(Recipe recipe, DecoderConfig config, Arithmetic arithmetic, long trained) {
        return new Estimate(recipe, config, arithmetic, trained, TokenTeacherSizes.of(recipe)).chosen();
    }

    /** What was chosen, so that nothing is left to choose. */
    MemorySpec measures(Recipe recipe) {
        boolean half = storage.type() == DType.BFLOAT16;
        MemorySpec.Base base =
                switch (storage.matrices()) {
                    case PLAIN -> half ? MemorySpec.Base.BF16 : MemorySpec.Base.FP32;
                    case INT8 -> MemorySpec.Base.INT8;
                    case NF4 -> MemorySpec.Base.NF4;
                };
        boolean updates = recipe.adapt() instanceof AdaptSpec.Lora;
        return new MemorySpec(
                checkpointing,
                lossChunk,
                updates ? base : null,
                moments,
                updates ? null : half ? MemorySpec.Weights.BF16 : MemorySpec.Weights.FP32,
                recipe.language().memory().limit());
    }

    /** Bytes that this process may hold. */
    static long limit(Recipe recipe) {
        Long asked = recipe.language().memory().limit();
        return asked == null ? (long) (MOST_OF_THE_MACHINE * ThisMachine.memory() / sharing()) : asked;
    }

    /** Processes of this job on this machine, which share its memory. */
    private static int sharing() {
        return Launched.from(System.getenv()).map(Launched::localSize).orElse(1);
    }

    /** Whether this process may hold so many bytes more than it does. */
    static boolean roomFor(long bytes, Recipe recipe) {
        return bytes <= FreeMemory.available() / 2 / sharing() && FreeMemory.held() + bytes <= limit(recipe);
    }

    /** What was chosen and what it costs, in a sentence. */
    String words() {
        List<String> measures = new ArrayList<>();
        if (storage.matrices() != ParameterStore.Matrices.PLAIN) {
            boolean four = storage.matrices() == ParameterStore.Matrices.NF4;
            measures.add("frozen matrices in " + (four ? "four" : "eight") + " bits");
        } else if (storage.type() == DType.BFLOAT16) {
            measures.add(
                    storage.trained() ? "trained weights in bf16, rounded stochastically" : "frozen weights in bf16");
        }
        if (moments != MemorySpec.Moments.FP32) {
            measures.add("moments in " + (moments == MemorySpec.Moments.BF16 ? "bf16" : "eight bits"));
        }
        measures.add("scores of " + lossChunk + " tokens at a time");
        if (checkpointing) {
            measures.add("blocks computed again in the backward pass (about a third more operations)");
        }
        if (teacherBytes > 0) {
            measures.add(String.format(Locale.ROOT, "%,d MiB of it the teacher's", (teacherBytes >> 20) + 1));
        }
        return String.format(
                Locale.ROOT, "memory: about %,d MiB (estimated); %s", bytes >> 20, String.join(", ", measures));
    }

    /** One way after another, each with what it is estimated to take. */
    private record Estimate(
            Recipe recipe,
            DecoderConfig config,
            Arithmetic arithmetic,
            long trained,
            @Nullable TokenTeacherSizes teacher) {
        MemoryPlan chosen() {
            MemorySpec spec = recipe.language().memory();
            boolean adamW = recipe.optimizer().kind() == OptimizerSpec.Kind.ADAMW;
            List<MemoryPlan> ways = new ArrayList<>();
            MemorySpec.Moments fewer = adamW ? MemorySpec.Moments.BF16 : MemorySpec.Moments.FP32;
            ways.add(way(spec, MemorySpec.Moments.FP32, false, false));
            ways.add(way(spec, fewer, false, false));
            ways.add(way(spec, fewer, true, false));
            ways.add(way(spec, fewer, true, adamW && arithmetic == Arithmetic.BF16));
            long limit = limit(recipe);
            return ways.stream().filter(way -> way.bytes() <= limit).findFirst().orElse(ways.get(ways.size() - 1));
        }

        /** What the recipe says goes before what is tried. */
        private MemoryPlan way(MemorySpec spec, MemorySpec.Moments moments, boolean again, boolean narrow) {
            ParameterStore.Storage storage = storage(spec, narrow);
            MemorySpec.Moments keptMoments = spec.moments() == null ? moments : spec.moments();
            if (storage.trained() && storage.type() == DType.BFLOAT16 && keptMoments == MemorySpec.Moments.FP32) {
                keptMoments = MemorySpec.Moments.BF16;
            }
            boolean quantized = storage.matrices() != ParameterStore.Matrices.PLAIN;
            boolean checkpointing = quantized || (spec.checkpointing() == null ? again : spec.checkpointing());
            int chunk = chunk(spec);
            long weightBytes = weights(storage) + (updates() ? trained * Float.BYTES : 0);
            long trainedBytes = trained * gradient(storage) + trained * moments(keptMoments) / keepers();
            long fixed = BASE
                    + weightBytes
                    + trainedBytes
                    + chunk * SCORE * config.vocabSize()
                    + (storage.type() == DType.FLOAT32 ? narrowed() : 0);
            long kept = kept();
            long once = kept / config.numLayers() + config.numLayers() * tokens() * config.hiddenSize() * Float.BYTES;
            long activations = checkpointing ? once : kept;
            long taught = taught(chunk, trainedBytes + activations);
            return new MemoryPlan(
                    checkpointing,
                    chunk,
                    storage,
                    keptMoments,
                    weightBytes,
                    trainedBytes,
                    taught,
                    fixed + activations + taught);
        }

        private ParameterStore.Storage storage(MemorySpec spec, boolean narrow) {
            if (!updates()) {
                boolean half = spec.weights() == null ? narrow : spec.weights() == MemorySpec.Weights.BF16;
                return new ParameterStore.Storage(half ? DType.BFLOAT16 : DType.FLOAT32, true);
            }
            if (spec.base() == null) {
                return new ParameterStore.Storage(
                        arithmetic == Arithmetic.BF16 ? DType.BFLOAT16 : DType.FLOAT32, false);
            }
            return switch (spec.base()) {
                case FP32 -> new ParameterStore.Storage(DType.FLOAT32, false);
                case BF16 -> new ParameterStore.Storage(DType.BFLOAT16, false);
                case INT8 -> new ParameterStore.Storage(DType.BFLOAT16, false, ParameterStore.Matrices.INT8);
                case NF4 -> new ParameterStore.Storage(DType.BFLOAT16, false, ParameterStore.Matrices.NF4);
            };
        }

        private boolean updates() {
            return recipe.adapt() instanceof AdaptSpec.Lora;
        }

        private long tokens() {
            int rows = recipe.task() == Task.PREFERENCE ? 2 : 1;
            return (long) rows * recipe.batch().micro() * recipe.language().sequenceLength();
        }

        private int chunk(MemorySpec spec) {
            return spec.lossChunk() == null
                    ? (int) Math.max(FEWEST, Math.min(tokens(), SCORES / config.vocabSize()))
                    : Math.min(spec.lossChunk(), (int) tokens());
        }

        private long weights(ParameterStore.Storage storage) {
            long all = config.parameters();
            long rows = (long) config.vocabSize() * config.hiddenSize() * (config.tied() ? 1 : 2);
            long matrices = Math.max(0, all - rows);
            return switch (storage.matrices()) {
                case PLAIN -> all * storage.type().bytes();
                // With the scales; one block's matrices are whole at a time.
                case INT8 -> rows * 2 + matrices * 33 / 32 + 2 * matrices / config.numLayers();
                case NF4 -> rows * 2 + matrices * 17 / 32 + 2 * matrices / config.numLayers();
            };
        }

        private static long gradient(ParameterStore.Storage storage) {
            return storage.trained() ? storage.type().bytes() : Float.BYTES;
        }

        private static long moments(MemorySpec.Moments moments) {
            return switch (moments) {
                case FP32 -> 8;
                case BF16 -> 4;
                case INT8 -> 2;
            };
        }

        /** Processes among which the moments are divided. */
        private int keepers() {
            return recipe.distributed().sharded()
                    ? Launched.from(System.getenv()).map(Launched::size).orElse(1)
                    : 1;
        }

        /** A teacher whose answers are kept is gone before gradients, moments and activations come. */
        private long taught(int chunk, long later) {
            if (teacher == null) {
                return 0;
            }
            long bytes = teacher.bytes(arithmetic, tokens(), chunk);
            return teacher.along() ? bytes : Math.max(0, bytes - later);
        }

        /** Copies of the weights in bf16, which live for one forward pass. */
        private long narrowed() {
            return arithmetic == Arithmetic.BF16 ? 2 * config.parameters() : 0;
        }

        private long kept() {
            double narrow = arithmetic == Arithmetic.BF16 ? 2 : 4;
            double perToken = KEPT_WIDTHS * config.hiddenSize() * narrow
                    + KEPT_MIDDLES * config.intermediateSize() * narrow
                    + KEPT_SCORES * config.numHeads() * recipe.language().sequenceLength() * narrow;
            return (long) (config.numLayers() * tokens() * perToken);
        }
    }
}
