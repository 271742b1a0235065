package dev.shoestring.run;

import dev.shoestring.cost.Cost;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.RunSummary;
import dev.shoestring.report.ShrinkPage;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.report.ShrinkReport.Candidate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What came of a shrinking: the two networks beside each other, and what it cost. */
final class ShrinkOutcome {
    private final ShrinkSetup setup;
    private final Shrinkable network;
    private final List<Candidate> candidates;
    private final String metric;

    ShrinkOutcome(ShrinkSetup setup, Shrinkable network, List<Candidate> candidates) {
        this.setup = setup;
        this.network = network;
        this.candidates = candidates;
        this.metric = setup.recipe().stop().metric().name().toLowerCase(Locale.ROOT);
    }

    /** Measures the smaller network beside the original, and writes the report into its run folder. */
    Shrink.Result report(ShrinkWork.Healed best, double before, double floor) {
        Cost cost = setup.ledger().soFar();
        Recipe recipe = setup.recipe();
        Shrink.Settings settings = setup.settings();
        RunFolder folder = best.run().folder();
        RunSummary.@Nullable Test tested = best.run().summary().test();
        ShrinkReport.Network old = network.measure(setup.original(), before, originalTest());
        ShrinkReport.Network small = network.measure(folder.path(), best.value(), figure(tested));
        boolean kept = recipe.stop().metric().reached(best.value(), floor);
        ShrinkReport report = new ShrinkReport(
                recipe.name(),
                metric,
                tested == null ? "accuracy" : tested.headline(),
                network.unit(),
                settings.target() == null
                        ? "as small as the floor allows, in steps"
                        : settings.target().toString(),
                settings.keep(),
                floor,
                kept,
                verdict(old, small, kept, floor),
                Machine.processor(),
                setup.prices().currency(),
                setup.prices().source(),
                old,
                small,
                candidates,
                new ShrinkReport.Spent(
                        cost.wallSeconds(),
                        cost.flops(),
                        cost.energy().joules(),
                        cost.money().amount()),
                originalCost());
        ShrinkPage.write(folder.path(), report);
        return new Shrink.Result(report, folder);
    }

    private String verdict(ShrinkReport.Network old, ShrinkReport.Network small, boolean kept, double floor) {
        String size = String.format(
                Locale.ROOT,
                "%.1f times fewer parameters and %.1f times fewer operations a prediction; validation %s %.4f, was %.4f",
                (double) old.parameters() / small.parameters(),
                old.flops() / small.flops(),
                metric,
                small.validation(),
                old.validation());
        return kept
                ? size + "."
                : String.format(
                        Locale.ROOT,
                        "The floor of %.4f could not be kept; the best that was found has %s. Ask for a larger"
                                + " --target or a lower --keep, or give it more --epochs.",
                        floor,
                        size);
    }

    private @Nullable RunSummary originalSummary() {
        Path summary = setup.original().resolve("summary.json");
        return Files.isRegularFile(summary) ? RunSummary.read(summary) : null;
    }

    private double originalTest() {
        @Nullable RunSummary summary = originalSummary();
        return summary == null ? Double.NaN : figure(summary.test());
    }

    private static double figure(RunSummary.@Nullable Test test) {
        if (test == null) {
            return Double.NaN;
        }
        Double accuracy = test.accuracy();
        return accuracy == null ? test.loss() : accuracy;
    }

    private ShrinkReport.@Nullable Spent originalCost() {
        @Nullable RunSummary summary = originalSummary();
        if (summary == null) {
            return null;
        }
        RunSummary.Cost cost = summary.cost();
        Double flops = summary.work().flops();
        return new ShrinkReport.Spent(
                cost.wallSeconds(),
                flops == null ? Double.NaN : flops,
                cost.energy() == null ? Double.NaN : cost.energy().joules(),
                cost.money() == null ? Double.NaN : cost.money().amount());
    }
}
