package dev.shoestring.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The curves of a run as the report's script draws them. */
final class Curves {
    /** A chart is some 600 pixels wide: more points only make the file larger. */
    private static final int MOST_POINTS = 1_000;

    private Curves() {}

    record Point(double x, double y) {}

    record Series(String label, String role, List<Double> x, List<Double> y) {}

    record Chart(
            String title,
            String note,
            List<Series> series,
            @Nullable Double target,
            String axis) {
        Chart(String title, String note, List<Series> series, @Nullable Double target) {
            this(title, note, series, target, "step");
        }
    }

    static List<Chart> of(RunSummary summary, List<MetricsLine> metrics) {
        List<MetricsLine.Step> steps = new ArrayList<>();
        List<MetricsLine.Evaluation> evaluations = new ArrayList<>();
        for (MetricsLine line : metrics) {
            if (line instanceof MetricsLine.Step step) {
                steps.add(step);
            } else if (line instanceof MetricsLine.Evaluation evaluation) {
                evaluations.add(evaluation);
            }
        }
        List<Chart> charts = new ArrayList<>();
        charts.add(new Chart(
                "Loss",
                "cross-entropy by step; the line is a running mean of the training loss",
                List.of(
                        series("each step", "faint", steps, MetricsLine.Step::loss),
                        smoothed("training", "first", steps, MetricsLine.Step::loss),
                        series("validation", "second", evaluations, MetricsLine.Evaluation::loss)),
                summary.outcome().metric().equals("loss") ? summary.outcome().target() : null));
        charts.add(new Chart(
                "Validation",
                "on the validation split by step" + (summary.outcome().target() == null ? "" : "; dashed: the target"),
                List.of(
                        series("accuracy", "first", evaluations, line -> known(line.accuracy())),
                        series("macro-F1", "second", evaluations, line -> known(line.macroF1())),
                        series("bits per byte", "first", evaluations, line -> known(line.bitsPerByte()))),
                summary.outcome().metric().equals("loss")
                        ? null
                        : summary.outcome().target()));
        charts.add(new Chart(
                "Reward margin",
                "how much greater the reward of the better answer is, a mean over held-out pairs",
                List.of(series("margin", "first", evaluations, line -> known(line.rewardMargin()))),
                null));
        charts.add(new Chart(
                "Learning rate",
                "of the optimizer, by step",
                List.of(series("rate", "first", steps, MetricsLine.Step::lr)),
                null));
        boolean tokens = steps.stream().anyMatch(step -> step.tokens() > 0);
        Map<MetricsLine.Step, Double> rates = examplesPerSecond(steps);
        ToDoubleFunction<MetricsLine.Step> rate =
                tokens ? MetricsLine.Step::tokensPerSecond : step -> rates.getOrDefault(step, 0.0);
        charts.add(new Chart(
                "Throughput",
                tokens
                        ? "real tokens a second by step, padding and evaluation not counted"
                        : "examples a second by step, evaluation counted",
                List.of(series("each step", "faint", steps, rate), smoothed("running mean", "first", steps, rate)),
                null));
        // A figure that this task does not have is no line.
        charts.replaceAll(chart -> new Chart(
                chart.title(),
                chart.note(),
                chart.series().stream()
                        .filter(series ->
                                !series.x().isEmpty() || !chart.title().equals("Validation"))
                        .toList(),
                chart.target(),
                chart.axis()));
        charts.removeIf(
                chart -> chart.series().stream().allMatch(series -> series.x().isEmpty()));
        return charts;
    }

    private static double known(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }

    private static Map<MetricsLine.Step, Double> examplesPerSecond(List<MetricsLine.Step> steps) {
        Map<MetricsLine.Step, Double> rates = new HashMap<>();
        double before = 0;
        for (MetricsLine.Step step : steps) {
            rates.put(step, step.examples() / Math.max(1e-6, step.seconds() - before));
            before = step.seconds();
        }
        return rates;
    }

    /** The charts as a JSON array that may stand inside a script element. */
    static String json(List<Chart> charts) {
        try {
            return Json.MAPPER.writeValueAsString(charts).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("curves are always JSON", e);
        }
    }

    private static <L extends MetricsLine> Series series(
            String label, String role, List<L> lines, ToDoubleFunction<L> value) {
        List<Point> points = new ArrayList<>();
        for (L line : lines) {
            double y = value.applyAsDouble(line);
            if (Double.isFinite(y)) {
                points.add(new Point(line.step(), y));
            }
        }
        return series(label, role, thinned(points));
    }

    /** An exponential running mean over about a fiftieth of the run, its start corrected as Adam's is. */
    private static Series smoothed(
            String label, String role, List<MetricsLine.Step> steps, ToDoubleFunction<MetricsLine.Step> value) {
        double decay = 1 - 1 / Math.max(1.0, steps.size() / 50.0);
        double mean = 0;
        double weight = 0;
        List<Point> points = new ArrayList<>();
        for (MetricsLine.Step step : steps) {
            double y = value.applyAsDouble(step);
            if (Double.isFinite(y)) {
                mean = decay * mean + (1 - decay) * y;
                weight = decay * weight + (1 - decay);
                points.add(new Point(step.step(), mean / weight));
            }
        }
        return series(label, role, thinned(points));
    }

    static Series series(String label, String role, List<Point> points) {
        return new Series(
                label,
                role,
                points.stream().map(Point::x).toList(),
                points.stream().map(Point::y).toList());
    }

    /** At most {@link #MOST_POINTS} points: each the mean of a run of neighbours. */
    static List<Point> thinned(List<Point> points) {
        int group = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
        if (group <= 1) {
            return points;
        }
        List<Point> thin = new ArrayList<>();
        for (int from = 0; from < points.size(); from += group) {
            List<Point> neighbours = points.subList(from, Math.min(points.size(), from + group));
            thin.add(new Point(
                    neighbours.get(neighbours.size() - 1).x(),
                    neighbours.stream().mapToDouble(Point::y).average().orElseThrow()));
        }
        return thin;
    }
}
