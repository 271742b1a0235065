package dev.shoestring.run;

import dev.shoestring.cost.Cost;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.report.ShrinkReport;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * What predictions take, measured in single precision as {@code predict} runs; preparing the input (cutting into tokens, decoding) is not counted.
 *
 * @param oneSeconds wall time of one alone, median
 * @param batchSeconds wall time of one in batches of 64
 * @param joules energy of one in batches of 64
 * @param energySource {@code rapl}, or {@code estimated}
 */
record PredictionCost(double oneSeconds, double batchSeconds, double joules, String energySource) {
    private static final int ALONE = 100;
    private static final int TOGETHER = 1024;

    /** Predicts for a part of the prepared examples, in batches of 64. */
    interface Predictor {
        /** From the first to before the last. */
        void predict(int from, int to);
    }

    /**
     * Measures on some examples, after a warm-up on them.
     *
     * @param examples how many there are to predict for; of more than 1,024, these many
     */
    static PredictionCost measure(Predictor predictor, int examples, PriceList prices) {
        int together = Math.min(TOGETHER, examples);
        predictor.predict(0, together);
        int alone = Math.min(ALONE, together);
        double[] seconds = new double[alone];
        for (int i = 0; i < alone; i++) {
            long start = System.nanoTime();
            predictor.predict(i, i + 1);
            seconds[i] = (System.nanoTime() - start) * 1e-9;
        }
        Arrays.sort(seconds);
        Ledger ledger = Ledger.start(prices);
        predictor.predict(0, together);
        Cost cost = ledger.stop();
        return new PredictionCost(
                seconds[alone / 2],
                cost.wallSeconds() / together,
                cost.energy().joules() / together,
                cost.energy().source());
    }

    /**
     * The network whose predictions these are.
     *
     * @param folder where it lies
     * @param sizes its sizes by name, in order
     * @param value its watched metric on the validation split
     * @param test what it reached on the test split; NaN if unknown
     */
    ShrinkReport.Network network(
            Path folder, Map<String, Long> sizes, Shrinkable.Size size, double value, double test) {
        return new ShrinkReport.Network(
                folder.toString(),
                sizes,
                size.parameters(),
                size.flops(),
                value,
                test,
                oneSeconds,
                batchSeconds,
                joules,
                energySource);
    }
}
