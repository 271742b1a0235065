package dev.shoestring.cli;

import dev.shoestring.report.Figures;
import dev.shoestring.report.RunSummary;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Align;
import dev.shoestring.report.TextTableFormat.Column;
import dev.shoestring.run.RunResult;
import dev.shoestring.train.StopReason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the terminal says when a run ends: what was reached and what it cost. */
final class Closing {
    /** As the user typed it. */
    private static final String COMMAND = System.getProperty("shoestring.command", "shoestring");

    private Closing() {}

    static String of(RunResult result) {
        RunSummary summary = result.summary();
        StringBuilder text = new StringBuilder();
        text.append(table(summary)).append('\n');
        text.append(preference(summary));
        text.append(String.format(
                Locale.ROOT,
                "%s after %,d steps (%.1f epochs): %s s of training, %s, %s, peak memory %s%n",
                sentence(result.reason()),
                summary.work().steps(),
                summary.work().epochs(),
                number(summary.cost().wallSeconds()),
                money(summary),
                energy(summary),
                memory(summary)));
        Path folder = shown(result.folder().path());
        if (result.reason() == StopReason.INTERRUPTED || result.reason() == StopReason.BUDGET) {
            text.append("resume:  " + COMMAND + " train --resume ")
                    .append(folder)
                    .append('\n');
        }
        if (result.reason() != StopReason.INTERRUPTED) {
            text.append("report:  ").append(folder.resolve("report.html")).append('\n');
            text.append(use(summary.task(), folder)).append('\n');
        }
        return text.toString();
    }

    private static String use(String task, Path folder) {
        return switch (task) {
            case "image-classification" -> "predict: " + COMMAND + " predict " + folder + " photo.jpg";
            case "preference" -> "generate: " + COMMAND + " generate " + folder + " --chat \"your question\"";
            case "language-model", "chat" -> "generate: " + COMMAND + " generate " + folder + " \"your text\"";
            default -> "predict: " + COMMAND + " predict " + folder + " \"your text\"";
        };
    }

    private static String table(RunSummary summary) {
        List<List<String>> rows = new ArrayList<>();
        RunSummary.@Nullable Baseline baseline = summary.baseline();
        if (baseline != null) {
            rows.add(List.of(
                    baseline.words() + " (baseline)",
                    percent(baseline.accuracy()),
                    percent(baseline.testAccuracy()),
                    number(baseline.seconds())));
        }
        RunSummary.@Nullable Test test = summary.test();
        rows.add(List.of(
                summary.name(),
                validation(summary.outcome()),
                test == null ? "-" : test.accuracy() == null ? test.figure() : percent(test.accuracy()),
                number(summary.cost().wallSeconds())));
        return TextTableFormat.of(
                        new Column("model", Align.LEFT),
                        new Column("validation", Align.RIGHT),
                        new Column("test " + (test == null ? "accuracy" : test.headline()), Align.RIGHT),
                        new Column("training, s", Align.RIGHT))
                .format(rows);
    }

    private static String preference(RunSummary summary) {
        RunSummary.@Nullable Preference preference = summary.outcome().preference();
        if (preference == null || preference.before() == null || preference.after() == null) {
            return "";
        }
        RunSummary.Pairs before = preference.before();
        RunSummary.Pairs after = preference.after();
        return String.format(
                Locale.ROOT,
                "held-out pairs, before and after: loss %.4f, %.4f; reward margin %.3f, %.3f; better answer preferred %s, %s%n",
                before.loss(),
                after.loss(),
                before.rewardMargin(),
                after.rewardMargin(),
                percent(before.accuracy()),
                percent(after.accuracy()));
    }

    private static String validation(RunSummary.Outcome outcome) {
        return switch (outcome.metric()) {
            case "accuracy" -> percent(outcome.value());
            case "loss" -> outcome.value() == null ? "-" : "loss " + Figures.score(outcome.value());
            default -> outcome.metric() + " " + percent(outcome.value());
        };
    }

    private static String sentence(StopReason reason) {
        return switch (reason) {
            case COMPLETED -> "Done";
            case TARGET_REACHED -> "Target reached";
            case PATIENCE -> "Stopped for lack of improvement";
            case BUDGET -> "Stopped by the budget";
            case INTERRUPTED -> "Interrupted, everything is saved,";
            case DIVERGED -> "Diverged";
        };
    }

    private static Path shown(Path folder) {
        Path here = Path.of("").toAbsolutePath();
        Path absolute = folder.toAbsolutePath();
        return absolute.startsWith(here) ? here.relativize(absolute) : absolute;
    }

    private static String money(RunSummary summary) {
        RunSummary.@Nullable Money money = summary.cost().money();
        return money == null
                ? "cost unknown"
                : Figures.money(money.amount(), money.currency()) + " (estimated from a price list)";
    }

    private static String energy(RunSummary summary) {
        RunSummary.@Nullable Energy energy = summary.cost().energy();
        return energy == null
                ? "energy unknown"
                : String.format(
                        Locale.ROOT,
                        "%.0f J (%s)",
                        energy.joules(),
                        energy.source().equals("estimated") ? "estimated" : "measured by " + energy.source());
    }

    private static String memory(RunSummary summary) {
        @Nullable Long host = summary.cost().peakMemoryBytes().host();
        return host == null ? "unknown" : String.format(Locale.ROOT, "%.0f MiB", host / 1048576.0);
    }

    private static String percent(@Nullable Double share) {
        return share == null || !Double.isFinite(share) ? "-" : String.format(Locale.ROOT, "%.2f%%", 100 * share);
    }

    private static String number(double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.2f" : "%.1f", seconds);
    }
}
