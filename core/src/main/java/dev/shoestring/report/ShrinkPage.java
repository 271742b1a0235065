package dev.shoestring.report;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A network made smaller, for people: tables for the terminal, an HTML page with the front. */
public final class ShrinkPage {
    private static final double APART = 1e-6;
    private static final String LOSS = "loss";

    private ShrinkPage() {}

    /** Writes {@code shrink.html} and {@code shrink.json} into a folder. */
    public static void write(Path folder, ShrinkReport report) {
        RunFile.replace(folder.resolve("shrink.html"), html(report));
        RunFile.replace(folder.resolve("shrink.json"), json(report) + "\n");
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws InputException if it is not there or damaged
     */
    public static ShrinkReport read(Path folder) {
        Path file = folder.resolve("shrink.json");
        try {
            return Json.MAPPER.readValue(Files.readAllBytes(file), ShrinkReport.class);
        } catch (IOException unreadable) {
            throw new InputException(
                    file + ": cannot be read (" + unreadable.getMessage() + "); remove the folder to do it again",
                    unreadable);
        }
    }

    /** JSON of the report. */
    public static String json(ShrinkReport report) {
        try {
            return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(report);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The tables for a terminal. */
    public static String text(ShrinkReport report) {
        return report.verdict() + "\n\n" + new TextTableFormat(networkColumns()).format(networkRows(report)) + "\n"
                + new TextTableFormat(costColumns()).format(costRows(report))
                + "\nTimes are measured on " + report.machine() + ", operations counted, energy is "
                + report.result().energySource() + ", money from " + report.priceSource() + ".\n";
    }

    private static List<TextTableFormat.Column> networkColumns() {
        return List.of(
                TextTableFormat.Column.words(""),
                TextTableFormat.Column.numbers("original"),
                TextTableFormat.Column.numbers("smaller"),
                TextTableFormat.Column.numbers("change"));
    }

    private static List<List<String>> networkRows(ShrinkReport report) {
        ShrinkReport.Network before = report.original();
        ShrinkReport.Network after = report.result();
        List<List<String>> rows = new ArrayList<>();
        rows.add(fewer("parameters", before, after, ShrinkReport.Network::parameters, ""));
        rows.add(fewer("operations a prediction", before, after, ShrinkReport.Network::flops, "FLOP"));
        rows.add(fewer("time a prediction, one at a time", before, after, ShrinkReport.Network::oneSeconds, "s"));
        rows.add(fewer("time a prediction, in batches of 64", before, after, ShrinkReport.Network::batchSeconds, "s"));
        rows.add(fewer("energy a prediction, in batches of 64", before, after, ShrinkReport.Network::joules, "J"));
        rows.add(measured(report.metric(), "validation", before.validation(), after.validation()));
        rows.add(measured(report.testMetric(), "test", before.test(), after.test()));
        before.sizes()
                .forEach((name, size) -> rows.add(List.of(
                        name.replace('_', ' '),
                        Figures.count(size),
                        Figures.count(after.sizes().getOrDefault(name, 0L)),
                        "")));
        return rows;
    }

    private static List<String> fewer(
            String what,
            ShrinkReport.Network before,
            ShrinkReport.Network after,
            ToDoubleFunction<ShrinkReport.Network> figure,
            String unit) {
        double old = figure.applyAsDouble(before);
        double now = figure.applyAsDouble(after);
        return List.of(what, small(old, unit), small(now, unit), String.format(Locale.ROOT, "÷ %.2f", old / now));
    }

    private static String small(double value, String unit) {
        return (unit.equals("s") || unit.equals("J")) && value < 1
                ? Figures.quantity(1000 * value, "m" + unit)
                : Figures.quantity(value, unit);
    }

    private static List<String> measured(String metric, String split, double before, double after) {
        String what = metric + ", " + split;
        if (!metric.equals(LOSS)) {
            return points(what, before, after);
        }
        return List.of(
                what,
                Figures.score(before),
                Figures.score(after),
                Double.isNaN(before - after) ? "" : String.format(Locale.ROOT, "%+.3f", after - before));
    }

    private static String value(ShrinkReport report, double value) {
        return report.metric().equals(LOSS) ? Figures.score(value) : share(value);
    }

    private static List<String> points(String what, double before, double after) {
        return List.of(
                what,
                share(before),
                share(after),
                Double.isNaN(before - after) ? "" : String.format(Locale.ROOT, "%+.2f points", 100 * (after - before)));
    }

    private static String share(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.2f%%", 100 * value);
    }

    private static List<TextTableFormat.Column> costColumns() {
        return List.of(
                TextTableFormat.Column.words("cost"),
                TextTableFormat.Column.numbers("time"),
                TextTableFormat.Column.numbers("compute"),
                TextTableFormat.Column.numbers("energy"),
                TextTableFormat.Column.numbers("money"));
    }

    private static List<List<String>> costRows(ShrinkReport report) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(cost("the shrinking", report.cost(), report.currency()));
        ShrinkReport.Spent original = report.originalCost();
        if (original != null) {
            rows.add(cost("training the original", original, report.currency()));
        }
        return rows;
    }

    private static List<String> cost(String what, ShrinkReport.Spent spent, String currency) {
        return List.of(
                what,
                Figures.duration(spent.seconds()),
                Figures.quantity(spent.flops(), "FLOP"),
                Figures.quantity(spent.joules(), "J"),
                Figures.money(spent.money(), currency));
    }

    private static List<TextTableFormat.Column> candidateColumns() {
        return List.of(
                TextTableFormat.Column.words("candidate"),
                TextTableFormat.Column.numbers("parameters"),
                TextTableFormat.Column.numbers("operations"),
                TextTableFormat.Column.numbers("just cut"),
                TextTableFormat.Column.numbers("healed briefly"),
                TextTableFormat.Column.numbers("healed"));
    }

    private static List<List<String>> candidateRows(ShrinkReport report) {
        return report.candidates().stream()
                .map(one -> List.of(
                        one.title(),
                        Figures.quantity(one.parameters(), ""),
                        Figures.quantity(one.flops(), "FLOP"),
                        value(report, one.cut()),
                        value(report, one.brief()),
                        value(report, one.healed())))
                .toList();
    }

    static String html(ShrinkReport report) {
        List<Curves.Chart> charts = List.of(front(report));
        Html html = HtmlPage.open(report.recipe() + " made smaller – Shoestring");
        html.raw("<header>").element("p class=\"kind\"", "Shoestring · made smaller");
        html.element("h1 dir=\"auto\"", report.recipe());
        html.element("p class=\"verdict\"", report.verdict());
        html.element(
                "p class=\"second\"",
                String.format(
                        Locale.ROOT,
                        "Asked for: %s; at least %s of the original's %s on validation, which is %s. %s.",
                        report.target(),
                        Double.toString(report.keep()),
                        report.metric(),
                        value(report, report.floor()),
                        report.machine()));
        html.raw("</header><section>").element("h2", "Before and after");
        html.element(
                "p class=\"note\"",
                "A prediction takes in one " + report.unit()
                        + ". Parameters and operations are counted (the mean over the training split), times measured in single"
                        + " precision as predict runs, energy "
                        + report.result().energySource() + ".");
        HtmlTable.append(html, networkColumns(), networkRows(report));
        html.raw("</section><section>").element("h2", "What the shrinking cost");
        html.element(
                "p class=\"note\"",
                "Everything: the original's answers, measuring what matters, all candidates, healing. Time is measured, compute counted,"
                        + " money from a price list: " + report.priceSource() + ".");
        HtmlTable.append(html, costColumns(), costRows(report));
        html.raw("</section>");
        HtmlPage.curves(html, charts);
        html.raw("<section>").element("h2", "Every candidate");
        html.element(
                "p class=\"note\"",
                report.metric()
                        + " on the validation split, never on test: right after the cut on all or part of it, after a short healing,"
                        + " and after the whole healing.");
        HtmlTable.append(html, candidateColumns(), candidateRows(report));
        html.raw("</section>");
        return HtmlPage.close(html, charts);
    }

    private static Curves.Chart front(ShrinkReport report) {
        List<Curves.Series> series = new ArrayList<>();
        series.add(dots("just cut", "dots-faint", report.candidates(), ShrinkReport.Candidate::cut));
        series.add(dots("healed briefly", "dots-second", report.candidates(), ShrinkReport.Candidate::brief));
        series.add(dots("healed", "dots-first", report.candidates(), ShrinkReport.Candidate::healed));
        series.add(Curves.series(
                "original",
                "dots-run2",
                List.of(new Curves.Point(
                        report.original().flops() / 1e6, report.original().validation()))));
        return new Curves.Chart(
                "The front",
                report.metric() + " on validation against millions of operations a prediction; dashed: the floor",
                series,
                report.floor(),
                "MFLOP");
    }

    private static Curves.Series dots(
            String label,
            String role,
            List<ShrinkReport.Candidate> candidates,
            ToDoubleFunction<ShrinkReport.Candidate> value) {
        List<Curves.Point> points = new ArrayList<>();
        List<ShrinkReport.Candidate> measured = candidates.stream()
                .filter(one -> !Double.isNaN(value.applyAsDouble(one)))
                .sorted(Comparator.comparingDouble(ShrinkReport.Candidate::flops))
                .toList();
        for (ShrinkReport.Candidate one : measured) {
            // Candidates of the same cost would share an abscissa, of which a chart keeps one.
            double x = one.flops() / 1e6;
            double last = points.isEmpty() ? -1 : points.get(points.size() - 1).x();
            points.add(new Curves.Point(x <= last ? last * (1 + APART) : x, value.applyAsDouble(one)));
        }
        return Curves.series(label, role, points);
    }
}
