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

/** How long networks of some sizes take for a text alone on this machine, in single precision as {@code predict} runs; random weights take as long as others. */
final class BertLatency {
    private static final int WARM_UP = 3;
    private static final int TEXTS = 15;

    /** The size of the vocabulary changes nothing: a row is looked up. */
    private static final int ROWS = 1000;

    private static final int NARROW = 256;
    private static final int WIDE = 1536;

    private static final double EPS = 1e-12;

    private final List<Encoded> texts;
    private final Map<EncoderShape, Double> known = new HashMap<>();

    /**
     * On these texts.
     *
     * @param ids tokens of each, of which the first are taken
     */
    BertLatency(List<int[]> ids) {
        this.texts = ids.subList(0, Math.min(TEXTS, ids.size())).stream()
                .map(text ->
                        new Encoded(Arrays.stream(text).map(id -> id % ROWS).toArray(), 0))
                .toList();
    }

    /**
     * Wall time of a prediction for one text, milliseconds; cutting into tokens is not counted. Measured are two widths of the feed-forward blocks for each
     * number of layers and each model width; between and above them it is a straight line, below them the narrower one's: on a busy machine a line would
     * fall to nothing there.
     */
    double milliseconds(EncoderShape shape) {
        double narrow = known.computeIfAbsent(with(shape, NARROW), this::measured);
        double wide = Math.max(narrow, known.computeIfAbsent(with(shape, WIDE), this::measured));
        return narrow + (wide - narrow) * Math.max(0, shape.intermediateSize() - NARROW) / (WIDE - NARROW);
    }

    private static EncoderShape with(EncoderShape shape, int channels) {
        return new EncoderShape(
                ROWS,
                shape.layers(),
                shape.hiddenSize(),
                shape.numHeads(),
                channels,
                shape.maxPositions(),
                shape.typeVocabSize(),
                shape.labels());
    }

    private double measured(EncoderShape shape) {
        BertConfig config = new BertConfig(
                ROWS,
                shape.hiddenSize(),
                shape.layers(),
                shape.numHeads(),
                shape.intermediateSize(),
                shape.maxPositions(),
                shape.typeVocabSize(),
                EPS);
        try (ParameterStore store = ParameterStore.fresh(0);
                Dropout none = new Dropout(0, 0)) {
            TextScorer scorer = new TextScorer(new Bert(config, shape.labels(), store, none), Arithmetic.FP32, 0);
            for (int i = 0; i < WARM_UP; i++) {
                scorer.logits(List.of(texts.get(i % texts.size())));
            }
            double[] seconds = texts.stream()
                    .mapToDouble(text -> {
                        long start = System.nanoTime();
                        scorer.logits(List.of(text));
                        return (System.nanoTime() - start) * 1e-9;
                    })
                    .sorted()
                    .toArray();
            return 1e3 * seconds[seconds.length / 2];
        }
    }
}
