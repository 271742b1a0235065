package dev.shoestring.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A run that was trained on Spark.
 *
 * @param folder the run's folder, as {@code train} leaves it; {@code model/} is in Hugging Face layout
 * @param summary the run in figures, {@code summary.json}
 * @param metrics one object for each step and evaluation, in order: the lines of {@code metrics.jsonl}
 */
public record SparkRun(RunFolder folder, JsonNode summary, List<JsonNode> metrics) {
    /** Copies the list. */
    public SparkRun {
        metrics = List.copyOf(metrics);
    }

    static SparkRun read(Path path) {
        RunFolder folder = new RunFolder(path);
        ObjectMapper json = new ObjectMapper();
        try {
            List<JsonNode> metrics = new ArrayList<>();
            if (Files.exists(folder.metrics())) {
                for (String line : Files.readAllLines(folder.metrics())) {
                    metrics.add(json.readTree(line));
                }
            }
            return new SparkRun(folder, json.readTree(folder.summary().toFile()), metrics);
        } catch (IOException failed) {
            throw new UncheckedIOException(path + ": the run cannot be read", failed);
        }
    }
}
