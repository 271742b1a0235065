package dev.shoestring.recipe;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When training ends before its schedule does; key {@code stop}.
 *
 * @param metric what is watched on the validation split
 * @param target training stops once the metric is reached; null trains on
 * @param patience evaluations without improvement before training stops; null never stops for that
 * @param evaluationsPerEpoch how often the validation split is measured
 * @param budget limits on cost
 */
public record StopSpec(
        Metric metric, @Nullable Double target, @Nullable Integer patience, double evaluationsPerEpoch, Budget budget) {
    /** A validation metric. */
    public enum Metric {
        /** Share of examples with the right label, or of pairs whose better answer gets the greater reward. */
        ACCURACY,
        /** Unweighted mean of the labels' F1 scores. */
        MACRO_F1,
        /** Mean cross-entropy of a label or a token, nats, or loss of a pair; the less the better, the greater in all others. */
        LOSS;

        /** Whether a value is better than another; anything is better than no number. */
        public boolean better(double value, double than) {
            return Double.isNaN(than) ? !Double.isNaN(value) : this == LOSS ? value < than : value > than;
        }

        /** Whether a value is as good as a target. */
        public boolean reached(double value, double target) {
            return this == LOSS ? value <= target : value >= target;
        }
    }

    /**
     * Limits on cost; the run stops in time with everything saved (exit 3).
     *
     * @param time longest wall time of training
     * @param money most money, in {@code currency}; null sets no limit
     * @param currency ISO 4217 code of {@code money}
     * @param joules most energy, joules; null sets no limit
     * @param flops most floating-point operations of training; null sets no limit
     */
    public record Budget(
            @Nullable Duration time,
            @Nullable Double money,
            String currency,
            @Nullable Double joules,
            @Nullable Double flops) {
        /** No limit at all. */
        public static final Budget NONE = new Budget(null, null, "USD", null, null);

        /** Whether anything is limited. */
        public boolean limits() {
            return time != null || money != null || joules != null || flops != null;
        }
    }
}
