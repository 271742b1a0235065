package dev.shoestring.run;

import dev.shoestring.data.Example;
import dev.shoestring.data.TextData;
import dev.shoestring.models.BagOfWords;
import dev.shoestring.models.BagOfWordsSettings;
import dev.shoestring.train.ClassificationMetrics;
import java.util.List;

/**
 * The cheap baseline, trained.
 *
 * @param model the bag of words
 * @param validation how well it does on the validation split
 * @param test how well it does on the test split
 * @param seconds wall time of its training
 * @param flops floating-point operations of its training
 * @param epochs passes over the training texts
 */
record Baseline(
        BagOfWords model,
        ClassificationMetrics validation,
        ClassificationMetrics test,
        double seconds,
        double flops,
        int epochs) {
    static Baseline train(TextData data, BagOfWordsSettings settings, long seed) {
        long start = System.nanoTime();
        BagOfWords.Epoch[] last = new BagOfWords.Epoch[1];
        BagOfWords model = BagOfWords.train(
                data.train(), data.validation(), data.labels().size(), settings, seed, epoch -> last[0] = epoch);
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new Baseline(
                model,
                metrics(model, data.validation()),
                metrics(model, data.test()),
                seconds,
                last[0].flops(),
                last[0].epoch());
    }

    /** Scores the examples; logarithms of probabilities serve as logits. */
    static float[][] logits(BagOfWords model, List<Example> examples) {
        float[][] logits = new float[examples.size()][];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = model.probabilities(examples.get(i).text());
            for (int label = 0; label < logits[i].length; label++) {
                logits[i][label] = (float) Math.log(Math.max(logits[i][label], Float.MIN_NORMAL));
            }
        }
        return logits;
    }

    private static ClassificationMetrics metrics(BagOfWords model, List<Example> examples) {
        return ClassificationMetrics.of(logits(model, examples), labels(examples));
    }

    static int[] labels(List<Example> examples) {
        return examples.stream().mapToInt(Example::label).toArray();
    }
}
