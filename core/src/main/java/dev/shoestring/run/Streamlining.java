package dev.shoestring.run;

import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.StopSpec;
import dev.shoestring.report.SavingsReport;
import dev.shoestring.report.SavingsReport.Factor;
import dev.shoestring.report.ShrinkPage;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.run.FactorEstimate.Spent;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.train.RunControl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The last rung of a ladder, "streamlined": what all techniques trained is made smaller. Unlike the others it makes training dearer and
 * predictions cheaper, so what counts is after how many of them it has paid.
 */
final class Streamlining {
    private static final double KEEP = 0.99;

    private final ShrinkTarget target;
    private final Path folder;
    private final SavingsState state;
    private final RunListener listener;
    private final RunControl control;

    /**
     * Prepares.
     *
     * @param target how small
     * @param folder that of the ladder
     * @param state what was done before
     */
    Streamlining(ShrinkTarget target, Path folder, SavingsState state, RunListener listener, RunControl control) {
        this.target = target;
        this.folder = folder;
        this.state = state;
        this.listener = listener;
        this.control = control;
    }

    /** Whether models of this recipe can be made smaller; if not, that is told. */
    boolean possible(Recipe recipe) {
        try {
            ShrinkFamilies.require(recipe);
            return true;
        } catch (InputException refused) {
            listener.message("without the rung \"streamlined\": " + refused.getMessage());
            return false;
        }
    }

    /** Makes the run of each seed smaller; empty if it was interrupted. The next call goes on. */
    Optional<List<ShrinkReport>> of(List<Recipe> recipes, List<Path> runs) {
        List<ShrinkReport> reports = new ArrayList<>();
        for (int seed = 0; seed < recipes.size(); seed++) {
            Optional<ShrinkReport> report = one(recipes.get(seed), runs.get(seed));
            if (report.isEmpty()) {
                return Optional.empty();
            }
            reports.add(report.get());
        }
        return Optional.of(reports);
    }

    private Optional<ShrinkReport> one(Recipe recipe, Path run) {
        String key = "streamlined " + target + ", seed " + recipe.seed() + ", " + run.getFileName();
        Path known = state.run(key);
        if (known != null) {
            listener.message("rung streamlined, seed " + recipe.seed() + ": done before");
            return Optional.of(ShrinkPage.read(known));
        }
        listener.message("rung streamlined, seed " + recipe.seed());
        Shrink.Settings settings = new Shrink.Settings(
                run,
                KEEP,
                target,
                null,
                null,
                false,
                null,
                folder.resolve("streamlined")
                        .resolve(Objects.requireNonNull(run.getFileName()).toString()),
                folder.resolve("runs"));
        Optional<Shrink.Result> result = new Shrink(recipe, settings, listener, control).run();
        result.ifPresent(made -> state.record(key, made.folder().name()));
        return result.map(Shrink.Result::report);
    }

    /** What it was worth, in terms of the ladder's target. */
    SavingsReport.Streamlined worth(List<ShrinkReport> reports, StopSpec.Metric metric, double value) {
        int reached = (int) reports.stream()
                .filter(report -> metric.reached(report.result().validation(), value))
                .count();
        double saved = mean(
                reports,
                report -> report.original().batchSeconds() - report.result().batchSeconds());
        double seconds = mean(reports, report -> report.cost().seconds());
        double predictions = saved > 0 ? seconds / saved : Double.NaN;
        return new SavingsReport.Streamlined(
                target.toString(),
                reached,
                mean(reports, report -> report.original().validation()),
                mean(reports, report -> report.result().validation()),
                reports.get(0).unit(),
                new SavingsReport.ToTarget(
                        seconds,
                        mean(reports, report -> report.cost().flops()),
                        mean(reports, report -> report.cost().joules()),
                        mean(reports, report -> report.cost().money())),
                factor(reports, ShrinkReport.Network::parameters),
                factor(reports, ShrinkReport.Network::flops),
                factor(reports, ShrinkReport.Network::oneSeconds),
                factor(reports, ShrinkReport.Network::batchSeconds),
                factor(reports, ShrinkReport.Network::joules),
                predictions,
                verdict(reached == reports.size(), predictions));
    }

    private static String verdict(boolean reached, double predictions) {
        if (!reached) {
            return "does not pay here: the smaller network is not always at the target";
        }
        return Double.isNaN(predictions)
                ? "does not pay here: predictions are no faster"
                : String.format(Locale.ROOT, "pays after %,.0f predictions in batches", predictions);
    }

    private static Factor factor(List<ShrinkReport> reports, ToDoubleFunction<ShrinkReport.Network> figure) {
        return FactorEstimate.of(
                        reports.stream()
                                .map(report -> new Spent(figure.applyAsDouble(report.original()), true))
                                .toList(),
                        reports.stream()
                                .map(report -> new Spent(figure.applyAsDouble(report.result()), true))
                                .toList())
                .factor();
    }

    private static double mean(List<ShrinkReport> reports, ToDoubleFunction<ShrinkReport> figure) {
        return reports.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }
}
