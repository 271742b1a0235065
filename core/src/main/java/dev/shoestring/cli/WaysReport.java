package dev.shoestring.cli;

import dev.shoestring.plan.Way;
import dev.shoestring.plan.Ways;
import dev.shoestring.report.Figures;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ways to share a job, as text and as JSON. */
final class WaysReport {
    private static final double GIB = 1L << 30;

    private WaysReport() {}

    static String text(Ways ways) {
        boolean utilization = ways.all().stream().anyMatch(way -> !Double.isNaN(way.mfu()));
        List<Column> columns = new ArrayList<>(List.of(
                Column.words("way"),
                Column.numbers("time"),
                Column.numbers("× one"),
                Column.numbers("GiB each"),
                Column.numbers("sent a step"),
                Column.numbers("waiting")));
        if (utilization) {
            columns.add(Column.numbers("MFU"));
        }
        columns.add(Column.numbers("money"));
        columns.add(Column.words(utilization ? "layout" : "changes"));
        List<List<String>> rows = new ArrayList<>();
        for (Way way : ways.all()) {
            rows.add(row(ways, way, utilization));
        }
        StringBuilder out = new StringBuilder();
        out.append("\nShared by ").append(ways.spread().inWords()).append(": predicted, not measured\n");
        if (!Double.isNaN(ways.alone())) {
            out.append("One process: ")
                    .append(PlanReport.duration(ways.alone()))
                    .append('\n');
        }
        out.append(new TextTableFormat(columns).format(rows));
        ways.why().forEach(line -> out.append(line).append('\n'));
        return out.toString();
    }

    private static List<String> row(Ways ways, Way way, boolean utilization) {
        List<String> row = new ArrayList<>();
        row.add(way.name());
        row.add(way.possible() ? PlanReport.duration(way.seconds()) : "–");
        row.add(times(ways.alone() / way.seconds()));
        row.add(Double.isNaN(way.memory()) ? "–" : String.format(Locale.ROOT, "%.1f", way.memory() / GIB));
        row.add(way.possible() ? Figures.quantity(way.sent(), "B") : "–");
        row.add(Figures.percent(way.communicating()));
        if (utilization) {
            row.add(Figures.percent(way.mfu()));
        }
        row.add(Double.isNaN(way.money()) ? "–" : Figures.money(way.money(), ways.currency()));
        String refused = way.refused();
        row.add(
                refused != null
                        ? refused
                        : utilization ? way.layout() : way.effect().toString());
        return row;
    }

    private static String times(double factor) {
        return Double.isNaN(factor) ? "–" : String.format(Locale.ROOT, factor < 10 ? "%.2f" : "%.1f", factor);
    }

    /** The document with the ways in it, if there are any. */
    static Map<String, Object> with(Map<String, Object> document, List<Ways> ways) {
        if (!ways.isEmpty()) {
            document.put("shared", ways.stream().map(WaysReport::json).toList());
        }
        return document;
    }

    private static Map<String, Object> json(Ways ways) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("processes", ways.spread().processes());
        document.put("machines", ways.spread().machines());
        document.put("network_bytes_per_second", ways.spread().network().bytesPerSecond());
        document.put("network_latency_seconds", ways.spread().network().latency());
        document.put("one_process_seconds", number(ways.alone()));
        document.put("local_steps", ways.localSteps());
        Way best = ways.best();
        document.put("best", best == null ? null : ways.gainsNothing() ? "one process" : best.name());
        document.put("why", ways.why());
        document.put("currency", ways.currency());
        document.put("ways", ways.all().stream().map(WaysReport::json).toList());
        return document;
    }

    private static Map<String, Object> json(Way way) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("way", way.name());
        document.put("changes", way.effect().toString());
        document.put("refused", way.refused());
        document.put("seconds", number(way.seconds()));
        document.put("memory_bytes_each", number(way.memory()));
        document.put("bytes_sent_each_step", number(way.sent()));
        document.put("waiting_share", number(way.communicating()));
        document.put("money", number(way.money()));
        document.put("mfu", number(way.mfu()));
        document.put("layout", way.layout());
        return document;
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }
}
