package dev.shoestring.run;

import dev.shoestring.cost.Cost;
import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.models.BertConfig;
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
    private final Recipe recipe;
    private final Shrink.Settings settings;
    private final PriceList prices;
    private final TextInputs inputs;
    private final BertFolder teacher;
    private final Path original;
    private final List<Candidate> candidates;
    private final Ledger ledger;
    private final String metric;

    ShrinkOutcome(
            Recipe recipe,
            Shrink.Settings settings,
            PriceList prices,
            TextInputs inputs,
            BertFolder teacher,
            Path original,
            List<Candidate> candidates,
            Ledger ledger) {
        this.recipe = recipe;
        this.settings = settings;
        this.prices = prices;
        this.inputs = inputs;
        this.teacher = teacher;
        this.original = original;
        this.candidates = candidates;
        this.ledger = ledger;
        this.metric = recipe.stop().metric().name().toLowerCase(Locale.ROOT);
    }

    /** Measures the smaller network beside the original, and writes the report into its run folder. */
    Shrink.Result report(ShrinkWork.Healed best, double before, double floor) {
        Cost cost = ledger.soFar();
        List<String> sample =
                inputs.data().validation().stream().map(Example::text).toList();
        ShrinkReport.Network old = network(teacher, before, originalTest(), sample);
        RunSummary.@Nullable Test tested = best.run().summary().test();
        ShrinkReport.Network small;
        try (BertFolder opened = BertFolder.open(best.run().folder().path())) {
            small = network(opened, best.value(), accuracy(tested), sample);
        }
        boolean kept = recipe.stop().metric().reached(best.value(), floor);
        ShrinkReport report = new ShrinkReport(
                recipe.name(),
                metric,
                settings.target() == null
                        ? "as small as the floor allows, in steps"
                        : settings.target().toString(),
                settings.keep(),
                floor,
                kept,
                verdict(old, small, kept, floor),
                Machine.processor(),
                prices.currency(),
                prices.source(),
                old,
                small,
                candidates,
                new ShrinkReport.Spent(
                        cost.wallSeconds(),
                        cost.flops(),
                        cost.energy().joules(),
                        cost.money().amount()),
                originalCost());
        ShrinkPage.write(best.run().folder().path(), report);
        return new Shrink.Result(report, best.run().folder());
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

    /** Operations of a prediction, the mean over some texts. */
    static double flops(BertFolder opened, List<Encoded> encoded) {
        EncoderFlops counter = new EncoderFlops(
                TextJobs.shape(opened.model().config(), opened.labels().size()));
        return encoded.stream()
                .mapToDouble(text -> counter.forward(new int[] {text.ids().length}))
                .average()
                .orElseThrow();
    }

    private ShrinkReport.Network network(BertFolder opened, double value, double test, List<String> sample) {
        BertConfig config = opened.model().config();
        EncoderShape shape = TextJobs.shape(config, opened.labels().size());
        double flops = flops(
                opened,
                opened.encode(inputs.data().train().stream().map(Example::text).toList()));
        PredictionCost cost = PredictionCost.measure(opened, sample, prices);
        return new ShrinkReport.Network(
                opened.folder().toString(),
                config.numLayers(),
                config.hiddenSize(),
                config.numHeads(),
                config.intermediateSize(),
                config.vocabSize(),
                shape.parameters(),
                flops,
                value,
                test,
                cost.oneSeconds(),
                cost.batchSeconds(),
                cost.joules(),
                cost.energySource());
    }

    private @Nullable RunSummary originalSummary() {
        Path summary = original.resolve("summary.json");
        return Files.isRegularFile(summary) ? RunSummary.read(summary) : null;
    }

    private double originalTest() {
        @Nullable RunSummary summary = originalSummary();
        return summary == null ? Double.NaN : accuracy(summary.test());
    }

    private static double accuracy(RunSummary.@Nullable Test test) {
        Double accuracy = test == null ? null : test.accuracy();
        return accuracy == null ? Double.NaN : accuracy;
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
