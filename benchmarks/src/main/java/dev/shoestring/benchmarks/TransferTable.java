package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.report.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Makes the README's table, labels × kind of model, from the summaries that {@code benchmarks/transfer-table} has gathered: mean and
 * sample standard deviation of the test accuracy over the seeds, median seconds and price of the training.
 */
public final class TransferTable {
    private static final List<String> KINDS = List.of("words", "from scratch", "head", "full");

    private TransferTable() {}

    /** Prints the table of the summaries in the folder that the first argument names. */
    public static void main(String[] arguments) throws IOException {
        Map<Integer, Map<String, List<JsonNode>>> cells = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                JsonNode summary = new ObjectMapper().readTree(Files.readAllBytes(file));
                cells.computeIfAbsent(summary.path("data").path("train").asInt(), labels -> new TreeMap<>())
                        .computeIfAbsent(kind(summary.path("name").asText()), kind -> new ArrayList<>())
                        .add(summary);
            }
        }
        StringBuilder table = new StringBuilder("| labels |");
        KINDS.forEach(kind -> table.append(' ').append(kind).append(" |"));
        table.append("\n|---:|").append("---|".repeat(KINDS.size())).append('\n');
        cells.forEach((labels, kinds) -> {
            table.append(String.format(Locale.ROOT, "| %,d |", labels));
            KINDS.forEach(kind -> table.append(' ')
                    .append(cell(kinds.getOrDefault(kind, List.of())))
                    .append(" |"));
            table.append('\n');
        });
        System.out.print(table);
    }

    private static String kind(String recipe) {
        return switch (recipe) {
            case "definitions-words" -> "words";
            case "definitions-from-scratch" -> "from scratch";
            case "definitions-head" -> "head";
            default -> "full";
        };
    }

    private static String cell(List<JsonNode> seeds) {
        if (seeds.isEmpty()) {
            return "–";
        }
        double[] accuracy =
                values(seeds, summary -> summary.path("test").path("accuracy").asDouble());
        double mean = 0;
        for (double value : accuracy) {
            mean += value / accuracy.length;
        }
        double squares = 0;
        for (double value : accuracy) {
            squares += (value - mean) * (value - mean);
        }
        String spread = accuracy.length < 2
                ? "one seed"
                : String.format(Locale.ROOT, "± %.3f", Math.sqrt(squares / (accuracy.length - 1)));
        double seconds =
                median(values(seeds, summary -> summary.path("wall_seconds").asDouble()));
        double money = median(
                values(seeds, summary -> summary.path("money").path("amount").asDouble()));
        return String.format(
                Locale.ROOT,
                seconds < 10 ? "**%.3f** %s, %.1f s, %s" : "**%.3f** %s, %.0f s, %s",
                mean,
                spread,
                seconds,
                Figures.money(money, "USD"));
    }

    private static double[] values(List<JsonNode> seeds, ToDoubleFunction<JsonNode> value) {
        return seeds.stream().mapToDouble(value).sorted().toArray();
    }

    private static double median(double[] sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
