package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.report.TrainingProgress;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A resumed run computes its reference again, from the model that it began with, and comes to the same bits as an unbroken one. */
final class PreferenceResumeTest {
    private final Path folder;

    PreferenceResumeTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** Asks for an end after some steps. */
    private record Interrupting(RunControl control, long after) implements RunListener {
        @Override
        public void message(String text) {
            // Nobody listens.
        }

        @Override
        public void progress(TrainingProgress progress, boolean evaluated) {
            if (progress.step() >= after) {
                control.stop(StopReason.INTERRUPTED);
            }
        }

        @Override
        public void transferred(String what, long done, long total) {
            // Nothing is fetched.
        }
    }

    private RunResult train(String recipe, String runs, long interruptedAfter) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), recipe);
        RunControl control = new RunControl();
        return new Trainer(new Interrupting(control, interruptedAfter), control)
                .train(Recipes.load(file.toString(), List.of()), folder.resolve(runs));
    }

    private Path base() throws IOException {
        Path corpus =
                Files.writeString(folder.resolve("corpus.txt"), "The cat is here. The dog is there. ".repeat(300));
        return train("""
                task: language-model
                model: {fresh: llama, vocabulary: 300, layers: 1, hidden_size: 16, num_heads: 2, intermediate_size: 32}
                data: {train: "%s", validation: 0.1, sequence_length: 32}
                batch: {global: 8}
                schedule: {epochs: 1}
                """.formatted(corpus), "base", Long.MAX_VALUE).folder().model();
    }

    private static List<String> logged(Path run) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode json = new ObjectMapper().readTree(line);
            lines.add(json.path("step") + " " + json.path("loss") + " " + json.path("reward_margin"));
        }
        return lines;
    }

    @Test
    void interruptedAndResumedGivesTheSameBitsAsUnbroken() throws IOException {
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            pairs.append("{\"prompt\": \"Where is ")
                    .append("cat ".repeat(1 + i % 7))
                    .append(i)
                    .append("?\", \"chosen\": \"The cat is here.\", \"rejected\": \"The dog is there.\"}\n");
        }
        Path table = Files.writeString(folder.resolve("pairs.jsonl"), pairs);
        String recipe = """
                task: preference
                model: {from: "%s"}
                data: {train: "%s", validation: 0.2, sequence_length: 128}
                adapt: {kind: dora, rank: 2}
                batch: {global: 8, micro: 4}
                optimizer: {kind: adamw, lr: 1.0e-2}
                schedule: {epochs: 3}
                """.formatted(base(), table);
        RunResult unbroken = train(recipe, "unbroken", Long.MAX_VALUE);
        RunResult broken = train(recipe, "broken", 7);
        assertThat(broken.reason()).isEqualTo(StopReason.INTERRUPTED);
        Path run = broken.folder().path();
        assertThat(logged(run)).hasSizeLessThan(logged(unbroken.folder().path()).size());

        RunResult resumed = new Trainer(RunListener.silent(), new RunControl()).resume(run, List.of());
        assertThat(logged(run)).isEqualTo(logged(unbroken.folder().path())).hasSizeGreaterThan(15);
        assertThat(resumed.summary().outcome()).isEqualTo(unbroken.summary().outcome());
        assertThat(resumed.summary().outcome().preference()).isNotNull();
        assertThat(resumed.folder().model().resolve("model.safetensors"))
                .hasSameBinaryContentAs(unbroken.folder().model().resolve("model.safetensors"));
    }
}
