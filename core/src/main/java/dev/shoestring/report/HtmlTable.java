package dev.shoestring.report;

import dev.shoestring.report.TextTableFormat.Align;
import dev.shoestring.report.TextTableFormat.Column;
import java.util.List;

/** A table of figures on a page, from the same rows as the terminal's. */
final class HtmlTable {
    private HtmlTable() {}

    static void append(Html html, List<Column> columns, List<List<String>> rows) {
        html.raw("<div class=\"scroll\"><table class=\"figures\"><thead><tr>");
        for (Column column : columns) {
            html.element(column.align() == Align.RIGHT ? "th class=\"number\"" : "th", column.heading());
        }
        html.raw("</tr></thead><tbody>");
        for (List<String> row : rows) {
            html.raw("<tr>");
            for (int i = 0; i < row.size(); i++) {
                html.element(columns.get(i).align() == Align.RIGHT ? "td class=\"number\"" : "td", row.get(i));
            }
            html.raw("</tr>");
        }
        html.raw("</tbody></table></div>");
    }
}
