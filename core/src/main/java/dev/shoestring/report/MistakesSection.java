package dev.shoestring.report;

import java.util.List;

/** The worst mistakes: the texts that the model was most sure about and wrong. */
final class MistakesSection {
    private static final int MOST_MISTAKES = 25;
    private static final int LONGEST_TEXT = 400;

    private MistakesSection() {}

    static void append(Html html, List<Mistake> mistakes) {
        if (mistakes.isEmpty()) {
            return;
        }
        html.raw("<section id=\"mistakes\">").element("h2", "Worst mistakes");
        html.element(
                "p class=\"note\"",
                "Where the model was surest and wrong: often a label worth a second look, or two labels that overlap.");
        html.raw("<table class=\"figures mistakes\"><thead><tr><th>Text</th><th>Truth</th><th>Predicted</th>"
                + "<th class=\"number\">Probability</th></tr></thead><tbody>");
        for (Mistake mistake : mistakes.subList(0, Math.min(MOST_MISTAKES, mistakes.size()))) {
            String picture = mistake.picture();
            html.raw("<tr>");
            if (picture != null) {
                // Base64 has no character that HTML minds.
                html.raw("<td class=\"text\"><img alt=\"\" height=\"64\" src=\"data:image/png;base64," + picture
                        + "\"><br><small dir=\"auto\">");
                html.text(shortened(mistake.text())).raw("</small></td>");
            } else {
                html.element("td class=\"text\" dir=\"auto\"", shortened(mistake.text()));
            }
            html.element("td class=\"truth\" dir=\"auto\"", mistake.truth())
                    .element("td class=\"predicted\" dir=\"auto\"", mistake.predicted())
                    .number(Figures.percent(mistake.probability()))
                    .raw("</tr>");
        }
        html.raw("</tbody></table></section>");
    }

    private static String shortened(String text) {
        if (text.length() <= LONGEST_TEXT) {
            return text;
        }
        // never between the two halves of a character
        int end = Character.isHighSurrogate(text.charAt(LONGEST_TEXT - 1)) ? LONGEST_TEXT - 1 : LONGEST_TEXT;
        return text.substring(0, end) + "…";
    }
}
