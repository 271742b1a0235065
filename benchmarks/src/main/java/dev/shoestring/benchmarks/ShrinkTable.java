package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The table of {@code benchmarks/shrink-definitions}: what shrinking lost, saved and cost, and what its twins reached, mean ± sample standard
 * deviation over the seeds.
 */
public final class ShrinkTable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double PERCENT = 100;

    private final StringBuilder table = new StringBuilder("| | mean ± sd |\n|---|---:|\n");
    private final ObjectNode json = JSON.createObjectNode();

    private ShrinkTable() {}

    /** One seed's four files. */
    private record Seed(JsonNode original, JsonNode shrink, JsonNode fresh, JsonNode untuned) {}

    /** Prints the table of the folder that the first argument names, and writes it there. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        List<Seed> seeds = new ArrayList<>();
        for (int seed = 1; Files.isRegularFile(folder.resolve("untuned-" + seed + ".json")); seed++) {
            seeds.add(new Seed(
                    read(folder, "original-" + seed),
                    read(folder, "shrink-" + seed),
                    read(folder, "fresh-" + seed),
                    read(folder, "untuned-" + seed)));
        }
        ShrinkTable table = new ShrinkTable();
        table.json.put("seeds", seeds.size());
        table.fill(seeds);
        Files.writeString(folder.resolve("shrink.md"), table.table);
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve("shrink-table.json").toFile(), table.json);
        System.out.print(table.table);
    }

    private static JsonNode read(Path folder, String name) throws IOException {
        return JSON.readTree(Files.readAllBytes(folder.resolve(name + ".json")));
    }

    private void fill(List<Seed> seeds) {
        row(seeds, "parameters, times fewer", seed -> ratio(seed.shrink(), "parameters"));
        row(seeds, "operations a prediction, times fewer", seed -> ratio(seed.shrink(), "flops"));
        row(seeds, "time a prediction alone, times less", seed -> ratio(seed.shrink(), "one_seconds"));
        row(seeds, "time a prediction in batches of 64, times less", seed -> ratio(seed.shrink(), "batch_seconds"));
        row(seeds, "validation of the original, %", seed -> network(seed, "original", "validation"));
        row(seeds, "validation of the smaller, %", seed -> network(seed, "result", "validation"));
        row(seeds, "test of the original, %", seed -> network(seed, "original", "test"));
        row(seeds, "test of the smaller, %", seed -> network(seed, "result", "test"));
        row(
                seeds,
                "points of test accuracy lost",
                seed -> network(seed, "original", "test") - network(seed, "result", "test"));
        row(seeds, "test of the twin from random weights, labels alone, %", seed -> test(seed.fresh()));
        row(seeds, "test of the twin cut out of the untuned encoder, labels alone, %", seed -> test(seed.untuned()));
        row(seeds, "seconds of training the original", seed -> spent(seed, "original_cost", "seconds"));
        row(seeds, "seconds of the whole shrinking", seed -> spent(seed, "cost", "seconds"));
        row(seeds, "joules of training the original", seed -> spent(seed, "original_cost", "joules"));
        row(seeds, "joules of the whole shrinking", seed -> spent(seed, "cost", "joules"));
        row(seeds, "TFLOP of training the original", seed -> spent(seed, "original_cost", "flops") * 1e-12);
        row(seeds, "TFLOP of the whole shrinking", seed -> spent(seed, "cost", "flops") * 1e-12);
    }

    private void row(List<Seed> seeds, String name, ToDoubleFunction<Seed> value) {
        double[] values = seeds.stream().mapToDouble(value).toArray();
        double mean = java.util.Arrays.stream(values).average().orElse(Double.NaN);
        double squares = java.util.Arrays.stream(values)
                .map(one -> (one - mean) * (one - mean))
                .sum();
        double deviation = values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
        table.append(String.format(Locale.ROOT, "| %s | %.2f ± %.2f |%n", name, mean, deviation));
        ObjectNode entry = json.putObject(name);
        entry.put("mean", mean).put("sd", deviation);
        for (double one : values) {
            entry.withArray("values").add(one);
        }
    }

    private static double ratio(JsonNode report, String key) {
        return report.path("original").path(key).asDouble(Double.NaN)
                / report.path("result").path(key).asDouble(Double.NaN);
    }

    private static double network(Seed seed, String which, String key) {
        return PERCENT * seed.shrink().path(which).path(key).asDouble(Double.NaN);
    }

    private static double spent(Seed seed, String which, String key) {
        return seed.shrink().path(which).path(key).asDouble(Double.NaN);
    }

    private static double test(JsonNode summary) {
        return PERCENT * summary.path("test").path("accuracy").asDouble(Double.NaN);
    }
}
