package dev.shoestring.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The key figures of a run, each saying whether it was measured, estimated or counted. */
final class Tiles {
    private static final String MEASURED = "measured";
    private static final String ESTIMATED = "estimated";
    private static final String COUNTED = "counted";

    private Tiles() {}

    record Tile(String title, String figure, String how, String detail) {
        /** The figure without the unit that it ends in. */
        String number() {
            int unit = figure.lastIndexOf(' ');
            return unit < 0 ? figure : figure.substring(0, unit);
        }

        /** The unit, after a space; empty without one. */
        String unit() {
            return figure.substring(number().length());
        }
    }

    static List<Tile> of(RunSummary summary) {
        List<Tile> tiles = new ArrayList<>();
        quality(summary, tiles);
        preference(summary, tiles);
        cost(summary.cost(), tiles);
        speed(summary, tiles);
        size(summary, tiles);
        return tiles;
    }

    private static void quality(RunSummary summary, List<Tile> tiles) {
        RunSummary.Test test = summary.test();
        if (test != null) {
            tiles.add(new Tile(
                    "Test " + test.headline(),
                    test.figure(),
                    MEASURED,
                    (test.others().isEmpty() ? "" : test.others() + " ") + "on " + test.terms()));
        }
        Double value = summary.outcome().value();
        if (value != null) {
            Long best = summary.outcome().bestStep();
            tiles.add(new Tile(
                    "Validation",
                    Figures.score(value),
                    MEASURED,
                    "best " + Verdict.metricName(summary.outcome().metric())
                            + (best == null ? " of the run" : ", at step " + Figures.count(best))));
        }
    }

    private static void preference(RunSummary summary, List<Tile> tiles) {
        RunSummary.Preference preference = summary.outcome().preference();
        if (preference == null) {
            return;
        }
        RunSummary.Pairs after = preference.after();
        if (after == null || after.accuracy() == null || after.rewardMargin() == null) {
            return;
        }
        RunSummary.Pairs before = preference.before();
        Double share = before == null ? null : before.accuracy();
        tiles.add(new Tile(
                "Better answer preferred",
                Figures.percent(after.accuracy()),
                MEASURED,
                "of held-out pairs" + (share == null ? "" : "; before: " + Figures.percent(share))));
        Double margin = before == null ? null : before.rewardMargin();
        tiles.add(new Tile(
                "Reward margin",
                Figures.score(after.rewardMargin()),
                MEASURED,
                "mean of held-out pairs" + (margin == null ? "" : "; before: " + Figures.score(margin))));
    }

    private static void cost(RunSummary.Cost cost, List<Tile> tiles) {
        Double toTarget = cost.secondsToTarget();
        tiles.add(new Tile(
                "Time",
                Figures.duration(cost.wallSeconds()),
                MEASURED,
                toTarget == null ? "wall clock, evaluation counted" : "target after " + Figures.duration(toTarget)));
        RunSummary.Money money = cost.money();
        if (money != null) {
            tiles.add(new Tile(
                    "Money",
                    Figures.money(money.amount(), money.currency()),
                    ESTIMATED,
                    "prices: " + money.priceSource()));
        }
        RunSummary.Energy energy = cost.energy();
        if (energy != null) {
            boolean estimated = energy.source().equals(ESTIMATED);
            tiles.add(new Tile(
                    "Energy",
                    Figures.quantity(energy.joules(), "J"),
                    estimated ? ESTIMATED : MEASURED,
                    Figures.quantity(energy.joules() / 3600, "Wh")
                            + (estimated
                                    ? ", from the processor's power"
                                    : " by " + energy.source().toUpperCase(Locale.ROOT))));
        }
        Long host = cost.peakMemoryBytes().host();
        if (host != null) {
            Long device = cost.peakMemoryBytes().device();
            tiles.add(new Tile(
                    "Peak memory",
                    Figures.quantity(host, "B"),
                    MEASURED,
                    device == null
                            ? "resident in the process"
                            : "and " + Figures.quantity(device, "B") + " on the device"));
        }
    }

    private static void speed(RunSummary summary, List<Tile> tiles) {
        RunSummary.Throughput throughput = summary.cost().throughput();
        if (throughput != null) {
            tiles.add(new Tile(
                    "Throughput",
                    Figures.count(Math.round(throughput.value())) + " " + throughput.unit(),
                    MEASURED,
                    throughput.unit().startsWith("tokens") ? "padding not counted" : "evaluation not counted"));
        }
        Double flops = summary.work().flops();
        if (flops != null) {
            tiles.add(new Tile(
                    "Compute",
                    Figures.quantity(flops, "FLOP"),
                    ESTIMATED,
                    utilization(summary.cost().mfu())));
        }
    }

    private static String utilization(@Nullable Double mfu) {
        return mfu == null ? "from the model's arithmetic" : Figures.percent(mfu) + " of the machine's peak";
    }

    private static void size(RunSummary summary, List<Tile> tiles) {
        RunSummary.Parameters parameters = summary.parameters();
        tiles.add(new Tile(
                "Parameters",
                Figures.quantity(parameters.total(), ""),
                COUNTED,
                parameters.trained() == parameters.total()
                        ? "all trained"
                        : Figures.quantity(parameters.trained(), "") + " trained"));
        RunSummary.Work work = summary.work();
        tiles.add(new Tile(
                "Seen",
                Figures.count(work.examplesSeen()) + " examples",
                COUNTED,
                (work.tokensSeen() > 0 ? Figures.count(work.tokensSeen()) + " real tokens in " : "")
                        + Figures.count(work.steps()) + " steps, "
                        + String.format(Locale.ROOT, "%.2f epochs", work.epochs())));
    }
}
