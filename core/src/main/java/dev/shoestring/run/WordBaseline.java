package dev.shoestring.run;

import dev.shoestring.data.Example;
import dev.shoestring.data.Held;
import dev.shoestring.data.TextData;
import dev.shoestring.models.BagOfWords;
import dev.shoestring.models.BagOfWordsSettings;
import java.util.List;

/** The cheap baseline of texts: a bag of words. */
final class WordBaseline {
    private static final String NAME = "bag-of-words";

    private WordBaseline() {}

    static Baseline train(TextData data, BagOfWordsSettings settings, long seed) {
        long start = System.nanoTime();
        BagOfWords.Epoch[] last = new BagOfWords.Epoch[1];
        BagOfWords model = BagOfWords.train(
                data.train(), data.validation(), data.labels().size(), settings, seed, epoch -> last[0] = epoch);
        return new Baseline(
                NAME,
                held -> logits(model, held == Held.TEST ? data.test() : data.validation()),
                (System.nanoTime() - start) * 1e-9,
                last[0].flops(),
                last[0].epoch(),
                model.parameterCount(),
                folder -> BagOfWordsFolder.write(folder, model, data.labels()),
                () -> {});
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
}
