package dev.shoestring.report;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code report.html}: one file that needs no network and no other file. The verdict comes first, then the figures with their units and
 * how each is known, the curves, the baseline beside the model, where the model errs, the data, and the recipe.
 *
 * <p>Texts and labels come from anywhere. They are escaped, and the page's content security policy runs no script but the two whose
 * hashes it names and loads nothing.
 */
public final class HtmlReport {
    private HtmlReport() {}

    /**
     * Writes the report atomically.
     *
     * @throws dev.shoestring.recipe.InputException if it cannot be written
     */
    public static void write(Path file, ReportContent content) {
        RunFile.replace(file, render(content));
    }

    /** The report as an HTML document. */
    public static String render(ReportContent content) {
        RunSummary summary = content.summary();
        List<Curves.Chart> charts = Curves.of(summary, content.metrics());
        Html html = HtmlPage.open(summary.name() + " – Shoestring");
        header(html, summary);
        tiles(html, summary);
        HtmlPage.curves(html, charts);
        ComparisonSection.append(html, summary);
        ConfusionMatrix confusion = content.confusion();
        if (confusion != null) {
            ConfusionSection.append(html, confusion, summary.test() == null ? "validation" : "test");
        }
        MistakesSection.append(html, content.mistakes());
        DataSection.append(html, summary.data(), content.data());
        LanguageSection.append(html, content.language());
        recipe(html, content.recipe());
        versions(html, summary);
        return HtmlPage.close(html, charts);
    }

    private static void header(Html html, RunSummary summary) {
        html.raw("<header>")
                .element("p class=\"kind\"", "Shoestring · " + summary.task().replace('-', ' '));
        html.element("h1 dir=\"auto\"", summary.name());
        String reached = Verdict.reached(summary);
        html.element("p class=\"verdict\"", reached);
        String rest = Verdict.of(summary).substring(reached.length()).strip();
        if (!rest.isEmpty()) {
            html.element("p class=\"second\"", rest);
        }
        RunSummary.Machine machine = summary.machine();
        html.raw("<p class=\"facts\">")
                .element("span", summary.model())
                .element("span", machine.precision())
                .element("span", machine.device())
                .element("span", machine.processes() == 1 ? "1 process" : machine.processes() + " processes")
                .element("span", "seed " + summary.seed())
                .element("span", summary.status().replace('_', ' '))
                .raw("</p></header>");
    }

    private static void tiles(Html html, RunSummary summary) {
        html.raw("<section class=\"tiles\" aria-label=\"Key figures\">");
        for (Tiles.Tile tile : Tiles.of(summary)) {
            html.raw("<div class=\"tile\"><p class=\"title\">")
                    .text(tile.title())
                    .raw("<span class=\"how " + tile.how() + "\">" + tile.how() + "</span></p>")
                    .raw("<p class=\"figure\">")
                    .text(tile.number())
                    .element("span class=\"unit\"", tile.unit())
                    .raw("</p>")
                    .element("p class=\"detail\"", tile.detail())
                    .raw("</div>");
        }
        html.raw("</section>");
    }

    private static void recipe(Html html, String recipe) {
        html.raw("<section id=\"recipe\">").element("h2", "Recipe");
        html.element("p class=\"note\"", "Every value resolved: this alone repeats the run.");
        html.element("pre", recipe.strip()).raw("</section>");
    }

    private static void versions(Html html, RunSummary summary) {
        html.raw("<footer>");
        summary.versions()
                .forEach((part, version) ->
                        html.raw("<span>").text(part + " " + version).raw("</span>"));
        html.raw("</footer>");
    }
}
