package dev.shoestring.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs beside each other: where their recipes differ, what each cost, and which of them nobody beats at once in cost and in the
 * metric (the Pareto front).
 *
 * @param runs the runs, in the order given
 */
public record RunComparison(List<Entry> runs) {
    /** Copies the list. */
    public RunComparison {
        runs = List.copyOf(runs);
    }

    /**
     * One run.
     *
     * @param name its folder's name
     * @param summary the run in figures
     * @param metrics its log
     * @param recipe its resolved recipe, YAML
     */
    public record Entry(String name, RunSummary summary, List<MetricsLine> metrics, String recipe) {
        /** Copies the list. */
        public Entry {
            metrics = List.copyOf(metrics);
        }

        /** The best validation value; NaN if none was measured. */
        double value() {
            Double value = summary.outcome().value();
            return value == null ? Double.NaN : value;
        }
    }

    /** Values of the recipe that are not the same in all runs: key, then the value of each run ({@code –} where it has none). */
    public Map<String, List<String>> differences() {
        List<Map<String, String>> flat =
                runs.stream().map(run -> flat(run.recipe())).toList();
        Set<String> keys = new LinkedHashSet<>();
        flat.forEach(recipe -> keys.addAll(recipe.keySet()));
        Map<String, List<String>> differences = new LinkedHashMap<>();
        for (String key : keys) {
            List<String> values =
                    flat.stream().map(recipe -> recipe.getOrDefault(key, "–")).toList();
            if (values.stream().distinct().count() > 1) {
                differences.put(key, values);
            }
        }
        return differences;
    }

    /** Whether no other run is at least as cheap (in seconds) and at least as good on validation, and better in one of the two. */
    public boolean onFront(Entry run) {
        double seconds = run.summary().cost().wallSeconds();
        double value = run.value();
        if (Double.isNaN(value)) {
            return false;
        }
        return runs.stream().filter(other -> comparable(run, other)).noneMatch(other -> {
            double otherSeconds = other.summary().cost().wallSeconds();
            boolean noWorse = otherSeconds <= seconds && other.value() >= value;
            return noWorse && (otherSeconds < seconds || other.value() > value);
        });
    }

    /** Of the same task and watched metric. */
    private static boolean comparable(Entry run, Entry other) {
        return !Double.isNaN(other.value())
                && other.summary().task().equals(run.summary().task())
                && other.summary()
                        .outcome()
                        .metric()
                        .equals(run.summary().outcome().metric());
    }

    private static Map<String, String> flat(String yaml) {
        Map<String, String> flat = new LinkedHashMap<>();
        try {
            flatten("", new YAMLMapper().readTree(yaml), flat);
        } catch (JsonProcessingException malformed) {
            flat.put("recipe", "not readable");
        }
        return flat;
    }

    private static void flatten(String path, @Nullable JsonNode node, Map<String, String> flat) {
        if (node != null && node.isObject()) {
            node.properties()
                    .forEach(entry -> flatten(
                            path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(), entry.getValue(), flat));
        } else {
            flat.put(path, node == null ? "" : node.isValueNode() ? node.asText() : node.toString());
        }
    }

    /** Figures of each run for a table: one row a run. */
    public List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (Entry run : runs) {
            RunSummary summary = run.summary();
            RunSummary.Money money = summary.cost().money();
            RunSummary.Energy energy = summary.cost().energy();
            RunSummary.Test test = summary.test();
            Double flops = summary.work().flops();
            rows.add(List.of(
                    run.name(),
                    summary.status().replace('_', ' '),
                    Figures.score(run.value())
                            + ("accuracy".equals(summary.outcome().metric())
                                    ? ""
                                    : " " + summary.outcome().metric()),
                    test == null ? "–" : test.accuracy() == null ? test.figure() + " loss" : test.figure(),
                    Figures.duration(summary.cost().wallSeconds()),
                    flops == null ? "–" : Figures.quantity(flops, "FLOP"),
                    energy == null
                            ? "–"
                            : Figures.quantity(energy.joules(), "J")
                                    + (energy.source().equals("estimated") ? " est." : ""),
                    money == null ? "–" : Figures.money(money.amount(), money.currency()),
                    onFront(run) ? "front" : ""));
        }
        return rows;
    }

    /** Headings of {@link #rows}. */
    public static List<TextTableFormat.Column> columns() {
        return List.of(
                TextTableFormat.Column.words("run"),
                TextTableFormat.Column.words("status"),
                TextTableFormat.Column.numbers("validation"),
                TextTableFormat.Column.numbers("test"),
                TextTableFormat.Column.numbers("time"),
                TextTableFormat.Column.numbers("compute"),
                TextTableFormat.Column.numbers("energy"),
                TextTableFormat.Column.numbers("money"),
                TextTableFormat.Column.words("Pareto"));
    }
}
