package dev.shoestring.report;

import dev.shoestring.report.TextTableFormat.Column;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs beside each other as one HTML page: figures, what differs in their recipes, curves. */
public final class ComparisonPage {
    private static final int COLORS = 8;

    private ComparisonPage() {}

    /**
     * Writes the page atomically.
     *
     * @throws dev.shoestring.recipe.InputException if it cannot be written
     */
    public static void write(Path file, RunComparison comparison) {
        RunFile.replace(file, render(comparison));
    }

    static String render(RunComparison comparison) {
        List<Curves.Chart> charts = charts(comparison);
        Html html = HtmlPage.open("Runs compared – Shoestring");
        html.raw("<header>").element("p class=\"kind\"", "Shoestring · runs compared");
        html.element("h1", comparison.runs().size() + " runs").raw("</header>");
        html.raw("<section>").element("h2", "What they reached, and what it cost");
        html.element(
                "p class=\"note\"",
                "Validation is the watched metric at its best; time is measured, compute counted, money taken from a price list."
                        + " \"front\": no other run is both as cheap in time and as good on validation.");
        HtmlTable.append(html, RunComparison.columns(), comparison.rows());
        html.raw("</section>");
        HtmlPage.curves(html, charts);
        html.raw("<section>").element("h2", "Where their recipes differ");
        List<Column> columns = new ArrayList<>();
        columns.add(Column.words("key"));
        comparison.runs().forEach(run -> columns.add(Column.words(run.name())));
        List<List<String>> rows = new ArrayList<>();
        comparison.differences().forEach((key, values) -> {
            List<String> row = new ArrayList<>(List.of(key));
            row.addAll(values);
            rows.add(row);
        });
        HtmlTable.append(html, columns, rows);
        html.raw("</section>");
        return HtmlPage.close(html, charts);
    }

    private static List<Curves.Chart> charts(RunComparison comparison) {
        List<Curves.Series> values = new ArrayList<>();
        List<Curves.Series> losses = new ArrayList<>();
        for (int i = 0; i < comparison.runs().size(); i++) {
            RunComparison.Entry run = comparison.runs().get(i);
            String role = "run" + i % COLORS;
            List<Curves.Point> value = new ArrayList<>();
            List<Curves.Point> loss = new ArrayList<>();
            double mean = Double.NaN;
            for (MetricsLine line : run.metrics()) {
                if (line instanceof MetricsLine.Evaluation evaluation) {
                    value.add(new Curves.Point(evaluation.seconds(), evaluation.value()));
                } else if (line instanceof MetricsLine.Step step && Double.isFinite(step.loss())) {
                    mean = Double.isNaN(mean) ? step.loss() : 0.95 * mean + 0.05 * step.loss();
                    loss.add(new Curves.Point(step.seconds(), mean));
                }
            }
            values.add(Curves.series(run.name(), role, value));
            losses.add(Curves.series(run.name(), role, Curves.thinned(loss)));
        }
        List<Curves.Chart> charts = new ArrayList<>();
        charts.add(new Curves.Chart(
                "Validation", "the watched metric against seconds of wall time", values, null, "seconds"));
        charts.add(new Curves.Chart(
                "Training loss", "running mean against seconds of wall time", losses, null, "seconds"));
        charts.removeIf(
                chart -> chart.series().stream().allMatch(series -> series.x().isEmpty()));
        return charts;
    }
}
