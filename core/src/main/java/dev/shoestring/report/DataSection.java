package dev.shoestring.report;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The data: the sizes of its splits, how even its labels are, and the rows left out. */
final class DataSection {
    private DataSection() {}

    static void append(Html html, RunSummary.@Nullable Data sizes, @Nullable DataReport report) {
        if (sizes == null && report == null) {
            return;
        }
        html.raw("<section id=\"data\">").element("h2", "Data");
        if (sizes != null) {
            html.element("p class=\"note\"", sizes(sizes));
        }
        if (report != null) {
            balance(html, report.trainByLabel());
            dropped(html, report.droppedRows());
        }
        html.raw("</section>");
    }

    private static String sizes(RunSummary.Data sizes) {
        return Figures.count(sizes.train()) + " training, " + Figures.count(sizes.validation()) + " validation and "
                + Figures.count(sizes.test()) + " test examples of " + Figures.count(sizes.labels())
                + " labels. The most frequent label has "
                + String.format(Locale.ROOT, sizes.imbalance() < 9.95 ? "%.1f" : "%.0f", sizes.imbalance())
                + " times the training examples of the rarest.";
    }

    private static void balance(Html html, Map<String, Long> trainByLabel) {
        long largest =
                trainByLabel.values().stream().mapToLong(Long::longValue).max().orElse(0);
        if (largest == 0) {
            return;
        }
        html.element("h3", "Training examples by label");
        html.raw("<div class=\"balance\">");
        trainByLabel.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(entry -> html.raw("<div class=\"level\" title=\"")
                        .text(entry.getKey() + ": " + Figures.count(entry.getValue()))
                        .raw("\"><span class=\"name\" dir=\"auto\">")
                        .text(entry.getKey())
                        .raw(String.format(
                                Locale.ROOT,
                                "</span><span class=\"track\"><span class=\"bar\" style=\"width:%.2f%%\"></span></span>",
                                100.0 * entry.getValue() / largest))
                        .element("span class=\"number\"", Figures.count(entry.getValue()))
                        .raw("</div>"));
        html.raw("</div>");
    }

    private static void dropped(Html html, Map<String, Long> droppedRows) {
        if (droppedRows.isEmpty()) {
            html.element("p class=\"note\"", "No row was left out.");
            return;
        }
        html.element("h3", "Rows left out");
        html.raw(
                "<table class=\"figures narrow\"><thead><tr><th>Reason</th><th class=\"number\">Rows</th></tr></thead><tbody>");
        droppedRows.forEach((reason, rows) -> html.raw("<tr>")
                .element("td", reason)
                .number(Figures.count(rows))
                .raw("</tr>"));
        html.raw("</tbody></table>");
    }
}
