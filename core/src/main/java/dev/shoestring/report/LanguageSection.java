package dev.shoestring.report;

import org.jspecify.annotations.Nullable;

/** A language model's data, and what it writes. */
final class LanguageSection {
    private static final int LONGEST_TEXT = 600;

    private LanguageSection() {}

    static void append(Html html, @Nullable LanguageReport report) {
        if (report == null) {
            return;
        }
        samples(html, report);
        if (!report.data().isEmpty()) {
            html.raw("<section id=\"data\">").element("h2", "Data");
            html.raw("<table class=\"figures narrow\"><tbody>");
            report.data().forEach(figure -> html.raw("<tr>")
                    .element("td", figure.what())
                    .number(figure.amount())
                    .raw("</tr>"));
            html.raw("</tbody></table></section>");
        }
    }

    private static void samples(Html html, LanguageReport report) {
        if (report.samples().isEmpty()) {
            return;
        }
        boolean before = report.samples().stream().anyMatch(sample -> sample.before() != null);
        html.raw("<section id=\"samples\">").element("h2", "What it writes");
        html.element(
                "p class=\"note\"",
                "Beginnings from held-out text, the first ones, and what the best model writes after them"
                        + (before ? ", beside what it wrote before training" : "")
                        + ": drawn at temperature 0.8, once.");
        html.raw("<table class=\"figures samples\"><thead><tr><th>Given</th>" + (before ? "<th>Before</th>" : "")
                + "<th>After</th></tr></thead><tbody>");
        for (LanguageReport.Sample sample : report.samples()) {
            html.raw("<tr>").element("td class=\"text\" dir=\"auto\"", shortened(sample.prompt()));
            if (before) {
                String text = sample.before();
                html.element("td class=\"text\" dir=\"auto\"", text == null ? "–" : shortened(text));
            }
            html.element("td class=\"text\" dir=\"auto\"", shortened(sample.after()))
                    .raw("</tr>");
        }
        html.raw("</tbody></table></section>");
    }

    private static String shortened(String text) {
        if (text.length() <= LONGEST_TEXT) {
            return text;
        }
        // Never between the two halves of a character.
        int end = Character.isHighSurrogate(text.charAt(LONGEST_TEXT - 1)) ? LONGEST_TEXT - 1 : LONGEST_TEXT;
        return text.substring(0, end) + "…";
    }
}
