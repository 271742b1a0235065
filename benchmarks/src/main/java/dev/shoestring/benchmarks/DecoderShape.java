package dev.shoestring.benchmarks;

import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.RotaryPositions;
import dev.shoestring.train.TokenRows;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A decoder of the Llama family with heads of 64 numbers and tied embeddings, and a batch for it. Its gated feed-forward layers are two
 * thirds as wide as GPT's, so that both have the same number of parameters and of operations.
 */
record DecoderShape(int layers, int width, int vocabulary, int context, int batch) {
    static final Set<String> OPTIONS = Set.of(
            "precision",
            "layers",
            "width",
            "vocab",
            "context",
            "batch",
            "steps",
            "rank",
            "checkpointing",
            "chunk",
            "new-tokens");

    static DecoderShape of(Options options) {
        return new DecoderShape(
                options.number("layers", 4),
                options.number("width", 256),
                options.number("vocab", 4096),
                options.number("context", 256),
                options.number("batch", 8));
    }

    int middle() {
        return width * 8 / 3 / 2 * 2;
    }

    DecoderConfig config() {
        int heads = Math.max(1, width / 64);
        return new DecoderConfig(
                "llama",
                vocabulary,
                width,
                layers,
                heads,
                heads,
                width / heads,
                middle(),
                context,
                1e-5,
                new RotaryPositions.Plain(10_000),
                true,
                DecoderConfig.Biases.NONE,
                false,
                Collections.nCopies(layers, 0),
                0.02);
    }

    int tokens() {
        return batch * context;
    }

    /** Operations of one training step. */
    double flops(DecoderFlops.Trained trained) {
        double matrices = layers * (4.0 * width * width + 3.0 * width * middle());
        DecoderFlops flops = new DecoderFlops(matrices, (double) layers * width, (double) width * vocabulary);
        return batch * flops.training(new int[] {context}, context, trained);
    }

    /** Random tokens; each is to predict another random one. */
    TokenRows rows(long seed) {
        Random random = new Random(seed);
        int[][] starts = new int[batch][];
        Arrays.fill(starts, new int[] {0});
        return new TokenRows(pieces(random), pieces(random), starts, batch, 0, 0, seed);
    }

    private int[][] pieces(Random random) {
        int[][] pieces = new int[batch][];
        Arrays.setAll(pieces, row -> random.ints(context, 0, vocabulary).toArray());
        return pieces;
    }

    /** Prompts of {@code context} random tokens. */
    List<int[]> prompts(long seed) {
        return List.of(pieces(new Random(seed)));
    }
}
