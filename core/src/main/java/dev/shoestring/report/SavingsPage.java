package dev.shoestring.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The ladder of savings for people: tables for the terminal, an HTML page, a picture. */
public final class SavingsPage {
    private SavingsPage() {}

    /**
     * Writes {@code report.html}, {@code waterfall.png} and {@code savings.json} into a folder.
     *
     * @return what could not be written, in words; empty if all could
     */
    public static String write(Path folder, SavingsReport report) {
        RunFile.replace(folder.resolve("report.html"), html(report));
        try {
            RunFile.replace(
                    folder.resolve("savings.json"),
                    Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
            PngFile.write(folder.resolve("waterfall.png"), Waterfall.of(report));
            return "";
        } catch (IOException failed) {
            return "waterfall.png could not be written (" + failed.getMessage() + "); report.html has the picture";
        }
    }

    /** JSON of the report. */
    public static String json(SavingsReport report) {
        try {
            return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(report);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The two tables for a terminal. */
    public static String text(SavingsReport report) {
        return String.format(
                        Locale.ROOT,
                        "%s: cost until validation %s reaches %.3f (%s); mean of %d seeds%n%s%n%n",
                        report.recipe(),
                        report.metric(),
                        report.target(),
                        report.targetSource(),
                        report.seeds(),
                        report.machine())
                + new TextTableFormat(rungColumns()).format(rungRows(report))
                + "\n"
                + new TextTableFormat(worthColumns()).format(worthRows(report))
                + (report.streamlined() == null
                        ? ""
                        : "\n"
                                + new TextTableFormat(streamlinedColumns())
                                        .format(streamlinedRows(report, report.streamlined()))
                                + "streamlined to " + report.streamlined().asked() + ": "
                                + report.streamlined().verdict() + "\n")
                + "\nTimes the time to the target without the technique, geometric mean and 90% interval over the seeds; \"≥\": without\n"
                + "it the target was not always reached. Time is measured, energy is "
                + "estimated unless a meter says so, money is from " + report.priceSource() + ".\n";
    }

    private static List<TextTableFormat.Column> rungColumns() {
        return List.of(
                TextTableFormat.Column.words("rung"),
                TextTableFormat.Column.numbers("reached"),
                TextTableFormat.Column.numbers("best validation"),
                TextTableFormat.Column.numbers("time"),
                TextTableFormat.Column.numbers("± s"),
                TextTableFormat.Column.numbers("compute"),
                TextTableFormat.Column.numbers("energy"),
                TextTableFormat.Column.numbers("money"));
    }

    private static List<List<String>> rungRows(SavingsReport report) {
        List<List<String>> rows = new ArrayList<>();
        SavingsReport.Words words = report.words();
        if (words != null) {
            rows.add(List.of(
                    words.name(),
                    words.reached() ? "yes" : "no",
                    Figures.score(words.value()),
                    Figures.duration(words.seconds()),
                    "",
                    "",
                    "",
                    ""));
        }
        for (SavingsReport.Rung rung : report.ladder()) {
            String more = rung.reached() < report.seeds() ? "> " : "";
            rows.add(List.of(
                    rung.title(),
                    rung.reached() + " of " + report.seeds(),
                    Figures.score(rung.value()),
                    more + Figures.duration(rung.cost().seconds()),
                    String.format(Locale.ROOT, "%.1f", rung.secondsSpread()),
                    more + Figures.quantity(rung.cost().flops(), "FLOP"),
                    more + Figures.quantity(rung.cost().joules(), "J"),
                    more + Figures.money(rung.cost().money(), report.currency())));
        }
        return rows;
    }

    private static List<TextTableFormat.Column> worthColumns() {
        return List.of(
                TextTableFormat.Column.words("technique"),
                TextTableFormat.Column.numbers("added in turn"),
                TextTableFormat.Column.numbers("left out alone"),
                TextTableFormat.Column.words("verdict"));
    }

    private static List<List<String>> worthRows(SavingsReport report) {
        return report.techniques().stream()
                .map(worth -> List.of(worth.title(), factor(worth.added()), factor(worth.removed()), worth.verdict()))
                .toList();
    }

    private static List<TextTableFormat.Column> streamlinedColumns() {
        return List.of(
                TextTableFormat.Column.words("streamlined"),
                TextTableFormat.Column.numbers("reached"),
                TextTableFormat.Column.numbers("validation"),
                TextTableFormat.Column.numbers("was"),
                TextTableFormat.Column.numbers("costs"),
                TextTableFormat.Column.numbers("parameters"),
                TextTableFormat.Column.numbers("operations"),
                TextTableFormat.Column.numbers("time, alone"),
                TextTableFormat.Column.numbers("time, batches"),
                TextTableFormat.Column.numbers("energy"));
    }

    private static List<List<String>> streamlinedRows(SavingsReport report, SavingsReport.Streamlined worth) {
        return List.of(List.of(
                "a " + worth.unit() + " needs less",
                worth.reached() + " of " + report.seeds(),
                Figures.score(worth.value()),
                Figures.score(worth.before()),
                "+ " + Figures.duration(worth.cost().seconds()),
                less(worth.parameters()),
                less(worth.flops()),
                less(worth.oneSeconds()),
                less(worth.batchSeconds()),
                less(worth.joules())));
    }

    private static String less(SavingsReport.Factor factor) {
        return String.format(Locale.ROOT, "÷ %.2f", factor.mean());
    }

    private static String factor(SavingsReport.Factor factor) {
        switch (factor.bound()) {
            case LOWER -> {
                return String.format(Locale.ROOT, "≥ %.2f×", factor.mean());
            }
            case UPPER -> {
                return String.format(Locale.ROOT, "≤ %.2f×", factor.mean());
            }
            case UNKNOWN -> {
                return "–";
            }
            case NONE -> {}
        }
        return Double.isFinite(factor.high())
                ? String.format(Locale.ROOT, "%.2f× (%.2f–%.2f)", factor.mean(), factor.low(), factor.high())
                : String.format(Locale.ROOT, "%.2f×", factor.mean());
    }

    static String html(SavingsReport report) {
        Html html = HtmlPage.open(report.recipe() + " savings – Shoestring");
        html.raw("<header>").element("p class=\"kind\"", "Shoestring · what every saving was worth");
        html.element("h1", report.recipe());
        SavingsReport.Rung first = report.ladder().get(0);
        SavingsReport.Rung last = report.ladder().get(report.ladder().size() - 1);
        boolean never = first.reached() < report.seeds();
        html.element(
                "p class=\"verdict\"",
                String.format(
                        Locale.ROOT,
                        "All techniques together reach %s %.3f in %s; the plain baseline takes %s%s.",
                        report.metric(),
                        report.target(),
                        Figures.duration(last.cost().seconds()),
                        never ? "more than " : "",
                        Figures.duration(first.cost().seconds())));
        html.element("p class=\"second\"", "The target is " + report.targetSource() + ". " + report.machine() + ".");
        html.raw("</header><section>").element("h2", "The ladder");
        html.raw("<div class=\"waterfall\">")
                .raw(SvgFile.render(Waterfall.of(report), "time to the target, rung by rung"))
                .raw("</div></section><section>");
        html.element("h2", "Each rung");
        html.element(
                "p class=\"note\"",
                "Cost when validation first reached the target, mean over the seeds. Time is measured, compute counted, energy"
                        + " estimated unless a meter says otherwise, money from a price list: " + report.priceSource()
                        + ".");
        HtmlTable.append(html, rungColumns(), rungRows(report));
        html.raw("</section><section>").element("h2", "What each technique is worth");
        html.element(
                "p class=\"note\"",
                "How many times the time to the target is needed without it: where the ladder adds it, and left out alone of all"
                        + " techniques. Geometric mean and 90% interval over the seeds; ≥: without it the target was not always"
                        + " reached.");
        HtmlTable.append(html, worthColumns(), worthRows(report));
        html.raw("</section>");
        SavingsReport.Streamlined streamlined = report.streamlined();
        if (streamlined != null) {
            html.raw("<section>").element("h2", "Streamlined");
            html.element(
                    "p class=\"note\"",
                    "What all techniques trained, made smaller by shoestring shrink to " + streamlined.asked() + ": it "
                            + streamlined.verdict()
                            + ". What it costs comes on top of the training; means over the seeds, times and energy of a prediction as"
                            + " measured by shrink, \"was\": the original on validation.");
            HtmlTable.append(html, streamlinedColumns(), streamlinedRows(report, streamlined));
            html.raw("</section>");
        }
        return HtmlPage.close(html, List.of());
    }
}
