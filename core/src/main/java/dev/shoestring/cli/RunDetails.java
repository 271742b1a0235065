package dev.shoestring.cli;

import dev.shoestring.report.Figures;
import dev.shoestring.report.RunSummary;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures of one run, each with what it is. */
final class RunDetails {
    private RunDetails() {}

    static String text(RunSummary summary) {
        List<List<String>> rows = new ArrayList<>();
        RunSummary.Cost cost = summary.cost();
        rows.add(List.of("status", summary.status().replace('_', ' '), ""));
        rows.add(List.of("model", summary.model(), ""));
        Double value = summary.outcome().value();
        rows.add(List.of(
                summary.outcome().metric(),
                value == null ? "–" : Figures.score(value),
                "measured on validation, best of the run"));
        RunSummary.Test test = summary.test();
        if (test != null) {
            rows.add(List.of("test " + test.headline(), test.figure(), "measured on " + test.terms()));
        }
        rows.add(List.of("wall time", Figures.duration(cost.wallSeconds()), "measured, evaluation counted"));
        rows.add(List.of("processor time", Figures.duration(cost.cpuSeconds()), "measured"));
        Double toTarget = cost.secondsToTarget();
        if (toTarget != null) {
            rows.add(List.of("time to target", Figures.duration(toTarget), "measured"));
        }
        Double flops = summary.work().flops();
        if (flops != null) {
            Double mfu = cost.mfu();
            rows.add(List.of(
                    "compute",
                    Figures.quantity(flops, "FLOP"),
                    mfu == null
                            ? "counted; shoestring doctor measures the ceiling for MFU"
                            : String.format(Locale.ROOT, "counted; MFU %.0f%% of the measured ceiling", 100 * mfu)));
        }
        RunSummary.Energy energy = cost.energy();
        if (energy != null) {
            rows.add(List.of("energy", Figures.quantity(energy.joules(), "J"), energy.source()));
        }
        RunSummary.Money money = cost.money();
        if (money != null) {
            rows.add(List.of(
                    "money", Figures.money(money.amount(), money.currency()), "estimated; " + money.priceSource()));
        }
        Long host = cost.peakMemoryBytes().host();
        if (host != null) {
            rows.add(List.of("peak memory", Figures.quantity(host, "B"), "measured, resident"));
        }
        rows.add(List.of("between processes", Figures.quantity(cost.bytesBetweenProcesses(), "B"), "counted"));
        rows.add(List.of(
                "trained",
                Figures.count(summary.work().examplesSeen()) + " examples",
                Figures.count(summary.work().tokensSeen()) + " real tokens, "
                        + Figures.count(summary.work().steps()) + " steps"));
        return TextTableFormat.of(Column.words("what"), Column.words("value"), Column.words("how"))
                .format(rows);
    }
}
