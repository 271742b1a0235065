package dev.shoestring.run;

import dev.shoestring.cost.Cost;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.data.Encoded;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TextScorer;
import java.util.Arrays;
import java.util.List;

/**
 * What predictions of a classifier of texts take, measured in single precision as {@code predict} runs; cutting into tokens is not counted.
 *
 * @param oneSeconds wall time of a text alone, median
 * @param batchSeconds wall time of a text in batches of 64
 * @param joules energy of a text in batches of 64
 * @param energySource {@code rapl}, or {@code estimated}
 */
record PredictionCost(double oneSeconds, double batchSeconds, double joules, String energySource) {
    private static final int ALONE = 100;
    private static final int TOGETHER = 1024;

    /** Measures on some texts, after a warm-up on them. */
    static PredictionCost measure(BertFolder opened, List<String> texts, PriceList prices) {
        TextScorer scorer = opened.scorer(Arithmetic.FP32);
        List<Encoded> encoded = opened.encode(texts.subList(0, Math.min(TOGETHER, texts.size())));
        scorer.logits(encoded);
        int alone = Math.min(ALONE, encoded.size());
        double[] seconds = new double[alone];
        for (int i = 0; i < alone; i++) {
            long start = System.nanoTime();
            scorer.logits(encoded.subList(i, i + 1));
            seconds[i] = (System.nanoTime() - start) * 1e-9;
        }
        Arrays.sort(seconds);
        Ledger ledger = Ledger.start(prices);
        scorer.logits(encoded);
        Cost cost = ledger.stop();
        return new PredictionCost(
                seconds[alone / 2],
                cost.wallSeconds() / encoded.size(),
                cost.energy().joules() / encoded.size(),
                cost.energy().source());
    }
}
