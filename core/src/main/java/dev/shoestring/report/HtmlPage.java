package dev.shoestring.report;

import java.util.List;

/** What all our pages share: a head whose policy admits two scripts and loads nothing, the curves, and the scripts. */
final class HtmlPage {
    private HtmlPage() {}

    /** Everything up to the first section. */
    static Html open(String title) {
        Html html = new Html();
        html.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.raw(
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src "
                        + ReportAssets.hash(ReportAssets.plotScript()) + " "
                        + ReportAssets.hash(ReportAssets.reportScript()) + "\">");
        html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.raw("<meta name=\"color-scheme\" content=\"light dark\">");
        html.element("title", title);
        return html.raw("<style>").raw(ReportAssets.style()).raw("</style></head><body><main>");
    }

    /** The scripts and the end. */
    static String close(Html html, List<Curves.Chart> charts) {
        html.raw("</main><script id=\"curves-data\" type=\"application/json\">")
                .raw(Curves.json(charts))
                .raw("</script>");
        html.raw("<script>").raw(ReportAssets.plotScript()).raw("</script>");
        html.raw("<script>").raw(ReportAssets.reportScript()).raw("</script></body></html>\n");
        return html.toString();
    }

    /** The section in which the script draws the charts. */
    static void curves(Html html, List<Curves.Chart> charts) {
        if (charts.isEmpty()) {
            return;
        }
        html.raw("<section id=\"curves\">").element("h2", "Curves");
        html.raw("<noscript><p class=\"note\">The curves are drawn by a script inside this file.</p></noscript>");
        html.raw("<div class=\"charts\">");
        for (Curves.Chart chart : charts) {
            html.raw("<figure><figcaption>")
                    .element("strong", chart.title())
                    .raw(" ")
                    .element("span", chart.note())
                    .raw("</figcaption><div class=\"chart\"></div></figure>");
        }
        html.raw("</div></section>");
    }
}
