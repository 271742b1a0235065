package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunSummaryTest {
    private static final List<String> KEYS = List.of(
            "name",
            "task",
            "model",
            "status",
            "metric",
            "value",
            "target",
            "target_reached",
            "best_step",
            "preference",
            "test",
            "baseline",
            "data",
            "steps",
            "epochs",
            "examples_seen",
            "tokens_seen",
            "flops",
            "parameters",
            "precision",
            "device",
            "processes",
            "wall_seconds",
            "cpu_seconds",
            "seconds_to_target",
            "cost_to_target",
            "energy",
            "money",
            "peak_memory_bytes",
            "throughput",
            "mfu",
            "bytes_between_processes",
            "seed",
            "versions");

    @Test
    void keysAreTheSameWhateverIsKnown() throws IOException {
        assertThat(keys(json(SampleRun.summary()))).containsExactlyElementsOf(KEYS);
        assertThat(keys(json(SampleRun.unknown()))).containsExactlyElementsOf(KEYS);
    }

    @Test
    void unknownValuesAreNull() throws IOException {
        JsonNode json = json(SampleRun.unknown());
        for (String key : List.of(
                "value", "target", "target_reached", "preference", "test", "baseline", "energy", "money", "mfu")) {
            assertThat(json.get(key).isNull()).as(key).isTrue();
        }
        assertThat(keys(json.get("peak_memory_bytes"))).containsExactly("host", "device");
    }

    @Test
    void nestedKeys() throws IOException {
        JsonNode json = json(SampleRun.summary());
        assertThat(keys(json.get("parameters"))).containsExactly("total", "trained");
        assertThat(keys(json.get("energy"))).containsExactly("joules", "source");
        assertThat(keys(json.get("cost_to_target"))).containsExactly("flops", "joules", "money");
        assertThat(keys(json.get("money"))).containsExactly("amount", "currency", "price_source");
        assertThat(keys(json.get("throughput"))).containsExactly("value", "unit");
        assertThat(keys(json.get("test")))
                .containsExactly("accuracy", "macro_f1", "loss", "bits_per_byte", "reward_margin", "examples");
        assertThat(keys(json.get("baseline")))
                .containsExactly("accuracy", "test_accuracy", "seconds", "reached_target", "value", "name");
        assertThat(keys(json.get("data"))).containsExactly("train", "validation", "test", "labels", "imbalance");
        assertThat(json.get("value").asDouble()).isEqualTo(0.8312);
        assertThat(json.get("target_reached").isBoolean()).isTrue();
    }

    @Test
    void numbersThatAreNotFiniteAreNull() throws IOException {
        RunSummary sample = SampleRun.summary();
        RunSummary diverged = new RunSummary(
                sample.name(),
                sample.task(),
                sample.model(),
                "diverged",
                new RunSummary.Outcome("accuracy", Double.NaN, null, false, null),
                new RunSummary.Test(0.5, 0.5, Double.POSITIVE_INFINITY, 4),
                null,
                null,
                sample.work(),
                sample.parameters(),
                sample.machine(),
                sample.cost(),
                1,
                sample.versions());
        JsonNode json = json(diverged);
        assertThat(json.get("value").isNull()).isTrue();
        assertThat(json.get("test").get("loss").isNull()).isTrue();
    }

    @Test
    void whatIsWrittenIsRead(@TempDir Path folder) {
        Path file = folder.resolve("summary.json");
        SampleRun.summary().write(file);
        assertThat(RunSummary.read(file)).isEqualTo(SampleRun.summary());
        SampleRun.unknown().write(file);
        assertThat(RunSummary.read(file)).isEqualTo(SampleRun.unknown());
    }

    @Test
    void filesThatAreNoSummaryAreNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("summary.json"), "{\"steps\": \"many\"");
        assertThatThrownBy(() -> RunSummary.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("summary.json: is not the summary of a run");
        assertThatThrownBy(() -> RunSummary.read(folder.resolve("none.json")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none.json: cannot be read (no such file)");
    }

    private static JsonNode json(RunSummary summary) throws IOException {
        return new ObjectMapper().readTree(summary.toJson());
    }

    private static List<String> keys(JsonNode json) {
        List<String> keys = new ArrayList<>();
        json.fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
