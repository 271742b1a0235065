package dev.shoestring.run;

import dev.shoestring.models.DecoderConfig;
import dev.shoestring.plan.ThisMachine;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import dev.shoestring.tensor.DType;
import dev.shoestring.train.Arithmetic;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a language model's training does to fit into memory. What the recipe leaves open is chosen here, the measure that costs least
 * first: scores by chunks cost nothing, frozen weights in bf16 nothing where products are in bf16, computing blocks again a third of
 * the blocks' operations.
 *
 * @param checkpointing whether blocks are computed again in the backward pass
 * @param lossChunk tokens whose scores are held at a time
 * @param weights element type of the network's weights
 * @param bytes estimated peak of the process
 */
record MemoryPlan(boolean checkpointing, int lossChunk, DType weights, long bytes) {
    /** The process before any tensor: heap, libraries, allocator. */
    private static final long BASE = 500L << 20;

    /** Scores that are held at a time without asking: they fit the caches, and their memory is used again (docs/experiments.md, 2026-11-24). */
    private static final long SCORES = 1L << 20;

    private static final int FEWEST = 64;
    private static final double MOST_OF_THE_MACHINE = 0.8;

    /** Tensors of the model's width that a block keeps for its backward pass, found by measuring. */
    private static final double KEPT_WIDTHS = 14;

    /** The same of the feed-forward width. */
    private static final double KEPT_MIDDLES = 5;

    /** The same of attention's scores. */
    private static final double KEPT_SCORES = 3;

    static MemoryPlan of(Recipe recipe, DecoderConfig config, Arithmetic arithmetic, long trained) {
        MemorySpec spec = recipe.language().memory();
        boolean updates = recipe.adapt() instanceof AdaptSpec.Lora;
        DType weights =
                updates && (spec.base() == null ? arithmetic == Arithmetic.BF16 : spec.base() == MemorySpec.Base.BF16)
                        ? DType.BFLOAT16
                        : DType.FLOAT32;
        int rows = recipe.task() == Task.PREFERENCE ? 2 : 1;
        long tokens = (long) rows * recipe.batch().micro() * recipe.language().sequenceLength();
        long perToken = 14L * config.vocabSize();
        int chunk = spec.lossChunk() == null
                ? (int) Math.max(FEWEST, Math.min(tokens, SCORES / config.vocabSize()))
                : Math.min(spec.lossChunk(), (int) tokens);
        long limit = spec.limit() == null ? (long) (MOST_OF_THE_MACHINE * ThisMachine.memory()) : spec.limit();
        long fixed = BASE
                + config.parameters() * weights.bytes()
                + trained * 12
                + chunk * perToken
                + (updates ? 0 : narrowed(config, arithmetic));
        long kept = kept(recipe, config, arithmetic, tokens);
        boolean again = spec.checkpointing() == null ? fixed + kept > limit : spec.checkpointing();
        long once = kept / config.numLayers() + config.numLayers() * tokens * config.hiddenSize() * Float.BYTES;
        return new MemoryPlan(again, chunk, weights, fixed + (again ? once : kept));
    }

    /** Copies of the weights in bf16, which live for one forward pass. */
    private static long narrowed(DecoderConfig config, Arithmetic arithmetic) {
        return arithmetic == Arithmetic.BF16 ? 2 * config.parameters() : 0;
    }

    private static long kept(Recipe recipe, DecoderConfig config, Arithmetic arithmetic, long tokens) {
        double narrow = arithmetic == Arithmetic.BF16 ? 2 : 4;
        double perToken = KEPT_WIDTHS * config.hiddenSize() * narrow
                + KEPT_MIDDLES * config.intermediateSize() * narrow
                + KEPT_SCORES * config.numHeads() * recipe.language().sequenceLength() * narrow;
        return (long) (config.numLayers() * tokens * perToken);
    }

    /** What was chosen and what it costs, in a sentence. */
    String words() {
        List<String> measures = new ArrayList<>();
        if (weights == DType.BFLOAT16) {
            measures.add("frozen weights in bf16");
        }
        measures.add("scores of " + lossChunk + " tokens at a time");
        if (checkpointing) {
            measures.add("blocks computed again in the backward pass (about a third more operations)");
        }
        return String.format(
                Locale.ROOT, "memory: about %,d MiB (estimated); %s", bytes >> 20, String.join(", ", measures));
    }
}
