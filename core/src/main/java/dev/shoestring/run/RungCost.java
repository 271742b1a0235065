package dev.shoestring.run;

import dev.shoestring.recipe.StopSpec;
import dev.shoestring.report.MetricsLine;
import dev.shoestring.report.RunComparison;
import dev.shoestring.report.RunSummary;

/**
 * What one run of a ladder cost until the target.
 *
 * @param seconds wall time
 * @param flops floating-point operations
 * @param joules energy
 * @param money price
 * @param reached whether it came to the target; if not, the costs are all that it spent
 * @param value its best validation value
 */
record RungCost(double seconds, double flops, double joules, double money, boolean reached, double value) {
    /** What a run had spent when validation first reached the target; all it spent if it never did. */
    static RungCost of(RunComparison.Entry run, double target, StopSpec.Metric metric) {
        RunSummary summary = run.summary();
        double wall = summary.cost().wallSeconds();
        double seconds = wall;
        double steps = summary.work().steps();
        Double counted = null;
        boolean reached = false;
        for (MetricsLine line : run.metrics()) {
            if (line instanceof MetricsLine.Evaluation evaluation && metric.reached(evaluation.value(), target)) {
                seconds = evaluation.seconds();
                steps = evaluation.step();
                counted = evaluation.flops();
                reached = true;
                break;
            }
        }
        double share = wall > 0 ? seconds / wall : 1;
        Double flops = summary.work().flops();
        RunSummary.Energy energy = summary.cost().energy();
        RunSummary.Money money = summary.cost().money();
        Double value = summary.outcome().value();
        return new RungCost(
                seconds,
                counted != null
                        ? counted
                        : flops == null
                                ? Double.NaN
                                : flops * steps / Math.max(1, summary.work().steps()),
                energy == null ? Double.NaN : energy.joules() * share,
                money == null ? Double.NaN : money.amount() * share,
                reached,
                value == null ? Double.NaN : value);
    }
}
