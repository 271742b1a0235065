package dev.shoestring.run;

import dev.shoestring.report.SavingsReport;
import dev.shoestring.report.SavingsReport.Factor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The ratio of two costs over paired seeds, and what can be said about it.
 *
 * @param factor the ratio
 * @param standardDeviation of the logarithms
 * @param pairs seeds
 * @param withoutReached whether the costlier side reached the target with any seed
 * @param withReached whether the cheaper side did with all
 */
record FactorEstimate(Factor factor, double standardDeviation, int pairs, boolean withoutReached, boolean withReached) {
    /** Student's t at 95 % one-sided, that is a two-sided 90 % interval, for 1, 2, … degrees of freedom. */
    private static final double[] T90 = {6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812};

    private static final double NORMAL = 1.645;
    private static final int MOST_SEEDS = 99;

    /** One seed's cost to the target; what was spent if it was not reached. */
    record Spent(double seconds, boolean reached) {}

    /** Costs without a technique against costs with it; the lists belong together seed by seed. */
    static FactorEstimate of(List<Spent> without, List<Spent> with) {
        List<Double> logs = new ArrayList<>();
        boolean withoutMissed = false;
        boolean withMissed = false;
        for (int i = 0; i < Math.min(without.size(), with.size()); i++) {
            logs.add(Math.log(without.get(i).seconds() / with.get(i).seconds()));
            withoutMissed |= !without.get(i).reached();
            withMissed |= !with.get(i).reached();
        }
        int n = logs.size();
        double mean = logs.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        double squares =
                logs.stream().mapToDouble(log -> (log - mean) * (log - mean)).sum();
        double deviation = n > 1 ? Math.sqrt(squares / (n - 1)) : Double.POSITIVE_INFINITY;
        double half = n > 1 ? quantile(n - 1) * deviation / Math.sqrt(n) : Double.POSITIVE_INFINITY;
        boolean withReached = with.stream().allMatch(Spent::reached);
        boolean withoutReached = without.stream().anyMatch(Spent::reached);
        SavingsReport.Bound bound = bound(withoutMissed, withMissed);
        Factor factor = new Factor(
                Math.exp(mean),
                withMissed ? 0 : Math.exp(mean - half),
                withoutMissed ? Double.POSITIVE_INFINITY : Math.exp(mean + half),
                bound);
        return new FactorEstimate(factor, deviation, n, withoutReached, withReached);
    }

    private static SavingsReport.Bound bound(boolean withoutMissed, boolean withMissed) {
        if (withoutMissed) {
            return withMissed ? SavingsReport.Bound.UNKNOWN : SavingsReport.Bound.LOWER;
        }
        return withMissed ? SavingsReport.Bound.UPPER : SavingsReport.Bound.NONE;
    }

    private static double quantile(int freedom) {
        return freedom <= T90.length ? T90[freedom - 1] : NORMAL;
    }

    /** {@code pays}, {@code does not pay here}, or {@code cannot tell (n more seeds)}. */
    String verdict() {
        if (withReached && !withoutReached) {
            return "pays";
        }
        if (!withReached) {
            return factor.bound() == SavingsReport.Bound.UNKNOWN
                    ? "cannot tell (neither always reaches the target)"
                    : "does not pay here";
        }
        if (factor.low() > 1) {
            return "pays";
        }
        if (factor.high() < 1) {
            return "does not pay here";
        }
        return String.format(Locale.ROOT, "cannot tell (%s more seeds)", moreSeeds());
    }

    /** Seeds until the interval would leave 1 if mean and deviation stayed as they are. */
    private String moreSeeds() {
        double mean = Math.abs(Math.log(factor.mean()));
        if (!Double.isFinite(standardDeviation) || mean == 0) {
            return pairs < 2 ? "2" : "many";
        }
        double needed = Math.ceil(Math.pow(NORMAL * standardDeviation / mean, 2)) + 2;
        double more = Math.max(1, needed - pairs);
        return more > MOST_SEEDS ? "many" : Integer.toString((int) more);
    }
}
