package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preference tuning as a user does it: a model that knows five animals learns to name the cat rather than the dog. */
final class PreferenceRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] ANIMALS = {"cat", "dog", "cow", "owl", "fox"};

    private final Path folder;

    PreferenceRunTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private JsonNode trained(String... arguments) throws IOException {
        Cli result = Cli.run(arguments);
        assertThat(result.status()).as(result.err()).isZero();
        return JSON.readTree(result.out());
    }

    private Path base() throws IOException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(4);
        for (int i = 0; i < 2000; i++) {
            text.append("The ").append(ANIMALS[random.nextInt(ANIMALS.length)]).append(" is here. ");
        }
        Path corpus = Files.writeString(folder.resolve("corpus.txt"), text);
        Path recipe = Files.writeString(folder.resolve("base.yaml"), """
                task: language-model
                model: {fresh: llama, vocabulary: 600, layers: 2, hidden_size: 32, num_heads: 2, intermediate_size: 64}
                data: {train: "%s", validation: 0.1, sequence_length: 32}
                batch: {global: 8}
                optimizer: {kind: adamw, lr: 1.0e-2}
                schedule: {epochs: 1}
                """.formatted(corpus));
        Path runs = folder.resolve("runs");
        trained("train", recipe.toString(), "--runs", runs.toString(), "--json");
        return runs.resolve("latest").toRealPath().resolve("model");
    }

    private Path pairs() throws IOException {
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 80; i++) {
            pairs.append("{\"prompt\": \"Where is number ")
                    .append(i)
                    .append("?\", \"chosen\": \"The cat is here.\", \"rejected\": \"The dog is here.\"}\n");
        }
        return Files.writeString(folder.resolve("pairs.jsonl"), pairs);
    }

    private Path recipe(Path model, Path pairs, String adapt) throws IOException {
        return Files.writeString(folder.resolve("preference.yaml"), """
                task: preference
                model: {from: "%s"}
                data: {train: "%s", validation: 0.2, sequence_length: 96}
                adapt: %s
                batch: {global: 8, micro: 4}
                optimizer: {kind: adamw, lr: 1.0e-2}
                schedule: {epochs: 3}
                stop: {metric: loss}
                precision: fp32
                """.formatted(model, pairs, adapt));
    }

    private void learns(JsonNode tuned) {
        JsonNode before = tuned.path("preference").path("before");
        JsonNode after = tuned.path("preference").path("after");
        assertThat(tuned.path("task").asText()).isEqualTo("preference");
        assertThat(before.path("loss").asDouble()).isCloseTo(Math.log(2), within(1e-4));
        assertThat(before.path("reward_margin").asDouble()).isCloseTo(0, within(1e-3));
        assertThat(after.path("loss").asDouble()).isLessThan(0.6);
        assertThat(after.path("reward_margin").asDouble()).isGreaterThan(0.2);
        assertThat(after.path("accuracy").asDouble()).isGreaterThan(0.95);
        assertThat(tuned.path("value").asDouble()).isEqualTo(after.path("loss").asDouble());
    }

    @Test
    void heldOutPairsArePreferredAfterwardsAndTheModelAnswers() throws IOException {
        Path model = base();
        Path pairs = pairs();
        Path runs = folder.resolve("runs");
        for (String adapt : new String[] {"full", "{kind: lora, rank: 4}", "{kind: dora, rank: 4}"}) {
            Path recipe = recipe(model, pairs, adapt);
            learns(trained("train", recipe.toString(), "--runs", runs.toString(), "--json"));
        }
        String watched = "stop={metric: accuracy, target: 0.9}";
        JsonNode early = trained(
                "train",
                folder.resolve("preference.yaml").toString(),
                "--runs",
                runs.toString(),
                "--set",
                watched,
                "--json");
        assertThat(early.path("metric").asText()).isEqualTo("accuracy");
        assertThat(early.path("status").asText()).isEqualTo("target_reached");
        assertThat(early.path("value").asDouble())
                .isBetween(0.9, 1.0)
                .isEqualTo(
                        early.path("preference").path("after").path("accuracy").asDouble());
        Path run = runs.resolve("latest").toRealPath();
        assertThat(Files.readString(run.resolve("metrics.jsonl"))).contains("\"reward_margin\"");
        assertThat(Files.readString(run.resolve("report.html"))).contains("Reward margin", "Better answer preferred");
        assertThat(Files.readString(run.resolve("recipe.yaml"))).contains("beta: 0.1", "sft_weight: 0.0");
        assertThat(run.resolve("model/adapter/adapter_config.json")).exists();
        Cli answer = Cli.run("generate", run.toString(), "--chat", "Where is number 3?", "--max-tokens", "8", "--json");
        assertThat(answer.status()).as(answer.err()).isZero();
    }

    @Test
    void whatIsCutIsCountedAndWhatDoesNotFitIsSaid() throws IOException {
        Path model = base();
        Path runs = folder.resolve("runs");
        String lengthy = "{\"prompt\": \"Say it.\", \"chosen\": \"" + "The cat is here. ".repeat(40)
                + "\", \"rejected\": \"The dog is here.\"}\n{\"prompt\": \"" + "The owl is here. ".repeat(60)
                + "\", \"chosen\": \"a\", \"rejected\": \"b\"}\n";
        Path file = Files.writeString(folder.resolve("long.jsonl"), Files.readString(pairs()) + lengthy);
        Cli said = Cli.run(
                "train",
                recipe(model, file, "full").toString(),
                "--runs",
                runs.toString(),
                "--set",
                "data.validation=0",
                "--set",
                "stop={}",
                "--set",
                "schedule.epochs=0.2");
        assertThat(said.status()).as(said.err()).isZero();
        assertThat(said.err()).contains("1 cut to 96 tokens, 1 left out");

        Path chats = Files.writeString(
                folder.resolve("chats.jsonl"), "{\"instruction\": \"Say it.\", \"output\": \"The cat is here.\"}\n");
        Cli mismatch = Cli.run("train", recipe(model, chats, "full").toString(), "--runs", runs.toString());
        assertThat(mismatch.status()).isEqualTo(2);
        assertThat(mismatch.err())
                .contains("holds conversations, not preference pairs")
                .contains("task: chat");

        Path same = Files.writeString(
                folder.resolve("same.jsonl"), "{\"prompt\": \"q\", \"chosen\": \"a\", \"rejected\": \"a\"}\n");
        Cli equal = Cli.run("train", recipe(model, same, "full").toString(), "--runs", runs.toString());
        assertThat(equal.status()).isEqualTo(2);
        assertThat(equal.err()).contains("rejected must differ from chosen");
    }
}
