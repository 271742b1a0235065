package dev.shoestring.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each technique of a recipe is worth on one job: the same target reached with more and more of them.
 *
 * @param recipe the recipe's name
 * @param metric the watched metric
 * @param target the value that every rung is trained to
 * @param targetSource where the target comes from, in words
 * @param seeds seeds of each rung
 * @param machine where it was measured
 * @param currency ISO 4217 code of the money
 * @param priceSource where prices come from
 * @param words the bag of words, always shown; null if the recipe has no baseline
 * @param ladder the rungs: the plain baseline first, all techniques last
 * @param techniques what each technique is worth
 * @param streamlined what making the result smaller is worth; null if that was not measured
 */
public record SavingsReport(
        String recipe,
        String metric,
        double target,
        String targetSource,
        int seeds,
        String machine,
        String currency,
        String priceSource,
        @Nullable Words words,
        List<Rung> ladder,
        List<Worth> techniques,
        @Nullable Streamlined streamlined) {
    /** Copies the lists. */
    public SavingsReport {
        ladder = List.copyOf(ladder);
        techniques = List.copyOf(techniques);
    }

    /**
     * The simple baseline.
     *
     * @param name what it is, in words
     * @param value its validation value, mean over the seeds
     * @param seconds what it took, mean
     * @param reached whether it reached the target with every seed
     */
    public record Words(String name, double value, double seconds, boolean reached) {}

    /**
     * Mean cost to the target.
     *
     * @param seconds wall time, evaluation counted
     * @param flops floating-point operations of training
     * @param joules energy
     * @param money price
     */
    public record ToTarget(double seconds, double flops, double joules, double money) {}

    /**
     * One rung.
     *
     * @param title what it adds to the rung before
     * @param cost mean over the seeds; of those that did not reach the target, what they spent
     * @param secondsSpread standard deviation of the seconds over the seeds
     * @param reached seeds that reached the target
     * @param value best validation value, mean over the seeds
     */
    public record Rung(String title, ToTarget cost, double secondsSpread, int reached, double value) {}

    /**
     * What a technique is worth.
     *
     * @param title its name
     * @param added time to the target without it over the time with it, where the ladder adds it
     * @param removed the same where it alone is left out of all techniques
     * @param verdict whether it pays
     */
    public record Worth(String title, Factor added, Factor removed, String verdict) {}

    /**
     * What all techniques trained, made smaller: training is dearer by this, predictions cheaper. Factors are those of the original over those of
     * the smaller network.
     *
     * @param asked how small it was to become, in words
     * @param reached seeds whose smaller network is at the target
     * @param before validation value of the original, mean over the seeds
     * @param value validation value of the smaller network, mean over the seeds
     * @param unit what a prediction takes in
     * @param cost what the shrinking cost, mean over the seeds
     * @param parameters numbers in the network
     * @param flops floating-point operations of a prediction
     * @param oneSeconds wall time of a prediction alone
     * @param batchSeconds wall time of a prediction in batches of 64
     * @param joules energy of a prediction in batches of 64
     * @param predictions predictions in batches after which the time that they save is that of the shrinking; NaN if they save none
     * @param verdict whether it pays
     */
    public record Streamlined(
            String asked,
            int reached,
            double before,
            double value,
            String unit,
            ToTarget cost,
            Factor parameters,
            Factor flops,
            Factor oneSeconds,
            Factor batchSeconds,
            Factor joules,
            double predictions,
            String verdict) {}

    /**
     * A ratio over paired seeds.
     *
     * @param mean geometric mean
     * @param low lower end of its 90 % interval
     * @param high upper end; infinite if it is not known
     * @param bound what the mean is if a side did not reach the target with every seed
     */
    public record Factor(double mean, double low, double high, Bound bound) {}

    /** What a ratio of times says when not every run reached the target. */
    public enum Bound {
        /** All reached it: the ratio itself. */
        NONE,
        /** Without the technique some did not: the ratio is at least this. */
        LOWER,
        /** With the technique some did not: the ratio is at most this. */
        UPPER,
        /** On both sides some did not: nothing can be said. */
        UNKNOWN
    }
}
