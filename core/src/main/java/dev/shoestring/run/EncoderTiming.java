package dev.shoestring.run;

import dev.shoestring.cost.EncoderShape;
import dev.shoestring.data.Encoded;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TextScorer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Measures how long a prediction of an encoder of some size takes here, alone and in single precision, as {@code predict} runs. */
final class EncoderTiming {
    private static final int WARM_UP = 3;
    private static final int TIMED = 15;
    private static final double EPS = 1e-12;

    private final int tokens;
    private final Map<EncoderShape, Double> known = new HashMap<>();

    /**
     * For texts of so many tokens.
     *
     * @param tokens at least 1
     */
    EncoderTiming(int tokens) {
        this.tokens = tokens;
    }

    /** The median wall time with random weights, seconds; measured once. */
    double seconds(EncoderShape shape) {
        return known.computeIfAbsent(shape, this::measured);
    }

    private double measured(EncoderShape shape) {
        BertConfig config = new BertConfig(
                shape.vocabSize(),
                shape.hiddenSize(),
                shape.layers(),
                shape.numHeads(),
                shape.intermediateSize(),
                shape.maxPositions(),
                shape.typeVocabSize(),
                EPS);
        int[] ids = new int[tokens];
        for (int i = 0; i < tokens; i++) {
            ids[i] = 1 + i % (shape.vocabSize() - 1);
        }
        List<Encoded> text = List.of(new Encoded(ids, 0));
        double[] seconds = new double[TIMED];
        try (ParameterStore store = ParameterStore.fresh(0)) {
            TextScorer scorer = new TextScorer(new Bert(config, 2, store, new Dropout(0, 0)), Arithmetic.FP32, 0);
            for (int i = -WARM_UP; i < TIMED; i++) {
                long start = System.nanoTime();
                scorer.logits(text);
                if (i >= 0) {
                    seconds[i] = (System.nanoTime() - start) * 1e-9;
                }
            }
        }
        Arrays.sort(seconds);
        return seconds[TIMED / 2];
    }
}
