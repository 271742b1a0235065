package dev.shoestring.report;

import java.util.List;
import java.util.Locale;

/** The confusion matrix as a table shaded by share of the row, the most frequent confusions, and the scores of each label. */
final class ConfusionSection {
    /** Cells beyond this many labels are too small for numbers: only shades and hover titles remain. */
    private static final int MOST_LABELS_WITH_NUMBERS = 40;

    private static final int WIDTH_PIXELS = 925;
    private static final int LARGEST_CELL_PIXELS = 46;
    private static final int SMALLEST_CELL_PIXELS = 9;
    private static final int TOP_CONFUSIONS = 6;

    private ConfusionSection() {}

    static void append(Html html, ConfusionMatrix matrix, String split) {
        html.raw("<section id=\"confusion\">").element("h2", "Confusion matrix");
        html.raw("<p class=\"note\">")
                .text("Rows are the true labels, columns the predicted ones, on the " + split
                        + " split; the shade is the share of the row. Right answers lie on the diagonal.")
                .raw("</p>");
        table(html, matrix);
        List<ConfusionMatrix.Confusion> top = matrix.topConfusions(TOP_CONFUSIONS);
        if (!top.isEmpty()) {
            html.raw("<p class=\"confusions\"><span class=\"lead\">Most often confused:</span> ");
            for (int i = 0; i < top.size(); i++) {
                ConfusionMatrix.Confusion confusion = top.get(i);
                html.raw(i == 0 ? "" : ", ")
                        .raw("<span class=\"pair\"><bdi>")
                        .text(confusion.truth())
                        .raw("</bdi> taken for <bdi>")
                        .text(confusion.predicted())
                        .raw("</bdi> (")
                        .text(Figures.count(confusion.count()))
                        .raw(")</span>");
            }
            html.raw(".</p>");
        }
        html.raw("</section>");
        labels(html, matrix, split);
    }

    private static void table(Html html, ConfusionMatrix matrix) {
        int labels = matrix.labels().size();
        int cell = Math.max(SMALLEST_CELL_PIXELS, Math.min(LARGEST_CELL_PIXELS, WIDTH_PIXELS / Math.max(1, labels)));
        boolean numbers = labels <= MOST_LABELS_WITH_NUMBERS;
        html.raw(String.format(
                Locale.ROOT,
                "<div class=\"matrix\"><table style=\"--cell:%dpx;--type:%.1fpx\"><thead><tr><th class=\"corner\">",
                cell,
                Math.max(8.0, Math.min(12.5, cell * 0.34))));
        html.raw("true ╲ predicted</th>");
        for (String label : matrix.labels()) {
            html.raw("<th class=\"top\" title=\"")
                    .text(label)
                    .raw("\"><span>")
                    .text(label)
                    .raw("</span></th>");
        }
        html.raw("</tr></thead><tbody>");
        for (int truth = 0; truth < labels; truth++) {
            String label = matrix.labels().get(truth);
            html.raw("<tr><th class=\"side\" title=\"")
                    .text(label)
                    .raw("\"><span>")
                    .text(label)
                    .raw("</span></th>");
            int support = matrix.support(truth);
            for (int predicted = 0; predicted < labels; predicted++) {
                cell(html, matrix, truth, predicted, support, numbers);
            }
            html.raw("</tr>");
        }
        html.raw("</tbody></table></div>");
    }

    private static void cell(
            Html html, ConfusionMatrix matrix, int truth, int predicted, int support, boolean numbers) {
        int count = matrix.count(truth, predicted);
        if (count == 0) {
            html.raw(truth == predicted ? "<td class=\"diagonal\"></td>" : "<td></td>");
            return;
        }
        double share = count / (double) support;
        String title = matrix.labels().get(truth)
                + (truth == predicted
                        ? " recognized: "
                        : " taken for " + matrix.labels().get(predicted) + ": ")
                + count + " of " + support + " (" + Figures.percent(share) + ")";
        html.raw(String.format(
                        Locale.ROOT,
                        "<td class=\"%s%s\" style=\"--share:%.3f\" title=\"",
                        truth == predicted ? "right" : "wrong",
                        share > 0.55 ? " deep" : "",
                        // a single error in a long row must still be seen
                        0.08 + 0.92 * share))
                .text(title)
                .raw("\">")
                .raw(numbers ? Integer.toString(count) : "")
                .raw("</td>");
    }

    private static void labels(Html html, ConfusionMatrix matrix, String split) {
        html.raw("<section id=\"labels\">").element("h2", "Labels");
        html.raw("<p class=\"note\">")
                .text(
                        "Precision: share of the predictions of a label that are right. Recall: share of its examples that are"
                                + " found. F1: their harmonic mean. On the " + split
                                + " split, the weakest label first.")
                .raw("</p><table class=\"figures\"><thead><tr><th>Label</th><th class=\"number\">Precision</th>"
                        + "<th class=\"number\">Recall</th><th class=\"number\">F1</th><th class=\"bars\"></th>"
                        + "<th class=\"number\">Examples</th></tr></thead><tbody>");
        List<ConfusionMatrix.LabelScore> weakestFirst = matrix.perLabel().stream()
                .sorted(java.util.Comparator.comparingDouble(ConfusionMatrix.LabelScore::f1))
                .toList();
        for (ConfusionMatrix.LabelScore score : weakestFirst) {
            html.raw("<tr>").element("td class=\"name\" dir=\"auto\"", score.label());
            html.number(score.predicted() == 0 ? "–" : Figures.score(score.precision()));
            html.number(score.support() == 0 ? "–" : Figures.score(score.recall()));
            html.number(score.support() + score.predicted() == 0 ? "–" : Figures.score(score.f1()));
            html.raw(String.format(
                    Locale.ROOT,
                    "<td class=\"bars\"><span class=\"bar\" style=\"width:%.1f%%\"></span></td>",
                    100 * score.f1()));
            html.number(Figures.count(score.support())).raw("</tr>");
        }
        html.raw("</tbody></table></section>");
    }
}
