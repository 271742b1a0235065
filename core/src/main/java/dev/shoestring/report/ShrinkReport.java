package dev.shoestring.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network made smaller: before and after, every candidate that was tried, and what it cost.
 *
 * @param recipe the recipe's name
 * @param metric the watched metric
 * @param testMetric what was measured on the test split: {@code accuracy} or {@code loss}
 * @param unit what a prediction takes in: {@code text}
 * @param target how small it was to become, in words
 * @param keep share of the original's value that was to be kept
 * @param floor the value on the validation split that this comes to
 * @param floorKept whether the result is not below it
 * @param verdict the result in a sentence
 * @param machine where it was measured
 * @param currency ISO 4217 code of the money
 * @param priceSource where prices come from
 * @param original the network that was there
 * @param result the network that was made
 * @param candidates every network that was tried, in order
 * @param cost what the shrinking cost, without the original
 * @param originalCost what training the original cost; null if nothing is known of it
 */
public record ShrinkReport(
        String recipe,
        String metric,
        String testMetric,
        String unit,
        String target,
        double keep,
        double floor,
        boolean floorKept,
        String verdict,
        String machine,
        String currency,
        String priceSource,
        Network original,
        Network result,
        List<Candidate> candidates,
        Spent cost,
        @Nullable Spent originalCost) {
    /** Copies the list. */
    public ShrinkReport {
        for (Object part : new Object[] {metric, unit, verdict, original, result, cost}) {
            Objects.requireNonNull(part, "metric, unit, verdict, both networks and the cost must all be given");
        }
        candidates = List.copyOf(candidates);
    }

    /**
     * A network and what its predictions are worth and cost.
     *
     * @param folder where it lies
     * @param sizes its sizes by name, in order: {@code layers}, {@code feed_forward_width}, …
     * @param parameters numbers in it
     * @param flops floating-point operations of a prediction, counted, the mean over the training split
     * @param validation the watched metric on the validation split
     * @param test what was measured on the test split; NaN if there is none
     * @param oneSeconds wall time of a prediction, one at a time, median
     * @param batchSeconds wall time of a prediction in batches of 64
     * @param joules energy of a prediction in batches of 64
     * @param energySource {@code rapl}, or {@code estimated}
     */
    public record Network(
            String folder,
            Map<String, Long> sizes,
            long parameters,
            double flops,
            double validation,
            double test,
            double oneSeconds,
            double batchSeconds,
            double joules,
            String energySource) {
        /** Copies the sizes. */
        public Network {
            sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
        }
    }

    /**
     * A network that was tried.
     *
     * @param title what it is, in words
     * @param parameters numbers in it
     * @param flops floating-point operations of a prediction
     * @param cut the watched metric right after it was cut out, on a part of the validation split
     * @param brief the watched metric on the validation split after a short healing; NaN if it had none
     * @param healed the watched metric on the validation split after the whole healing; NaN if it had none
     */
    public record Candidate(String title, long parameters, double flops, double cut, double brief, double healed) {}

    /**
     * What something cost.
     *
     * @param seconds wall time
     * @param flops floating-point operations
     * @param joules energy
     * @param money price
     */
    public record Spent(double seconds, double flops, double joules, double money) {}
}
