package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Language models as a user trains them: pre-training, LoRA on conversations, writing, export. */
final class LanguageRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] ANIMALS = {"cat", "dog", "cow", "owl", "fox"};

    private final Path folder;

    LanguageRunTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Path corpus() throws IOException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(4);
        for (int i = 0; i < 3000; i++) {
            text.append("The ").append(ANIMALS[random.nextInt(ANIMALS.length)]).append(" is here. ");
        }
        return Files.writeString(folder.resolve("corpus.txt"), text);
    }

    private JsonNode trained(String... arguments) throws IOException {
        Cli result = Cli.run(arguments);
        assertThat(result.status()).as(result.err()).isZero();
        return JSON.readTree(result.out());
    }

    @Test
    void preTrainedThenTunedOnConversationsThenWriting() throws IOException {
        Path recipe = Files.writeString(folder.resolve("small.yaml"), """
                task: language-model
                model: {fresh: llama, vocabulary: 600, layers: 2, hidden_size: 32, num_heads: 2, intermediate_size: 64}
                data: {train: "%s", validation: 0.1, sequence_length: 32}
                batch: {global: 8, micro: 4}
                optimizer: {kind: muon, lr: 0.02, head_lr: 0.01}
                schedule: {kind: trapezoid, epochs: 3, warmup: 0.05}
                sequence_warmup: {from: 8, until: 0.3}
                z_loss: 1.0e-4
                """.formatted(corpus()));
        Path runs = folder.resolve("runs");
        JsonNode base = trained("train", recipe.toString(), "--runs", runs.toString(), "--json");
        // Which of five animals comes is all there is to guess: log(5) nats in each sentence of some four tokens.
        assertThat(base.path("value").asDouble()).isBetween(0.2, 1.0);
        assertThat(base.path("metric").asText()).isEqualTo("loss");
        assertThat(base.path("tokens_seen").asLong()).isGreaterThan(1000);

        Path model = runs.resolve("latest").toRealPath().resolve("model");
        StringBuilder chats = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            chats.append("{\"instruction\": \"Where is number ")
                    .append(i)
                    .append("?\", \"output\": \"The ")
                    .append(ANIMALS[i % 2])
                    .append(" is here.\"}\n");
        }
        Path conversations = Files.writeString(folder.resolve("chats.jsonl"), chats);
        Path tuning = Files.writeString(folder.resolve("chat.yaml"), """
                task: chat
                model: {from: "%s"}
                data: {train: "%s", validation: 0.2, sequence_length: 128}
                adapt: {kind: dora, rank: 4, targets: [q_proj, v_proj, up_proj, down_proj], dropout: 0.05}
                batch: {global: 2}
                optimizer: {kind: adamw, lr: 1.0e-2}
                schedule: {epochs: 8}
                memory: {checkpointing: true, loss_chunk: 16, base: nf4, optimizer: int8}
                """.formatted(model, conversations));
        JsonNode tuned = trained("train", tuning.toString(), "--runs", runs.toString(), "--json");
        assertThat(tuned.path("parameters").path("trained").asLong())
                .isLessThan(tuned.path("parameters").path("total").asLong() / 2);
        Path run = runs.resolve("latest").toRealPath();
        JsonNode before =
                JSON.readTree(Files.readAllLines(run.resolve("metrics.jsonl")).get(0));
        assertThat(before.path("step").asInt()).isZero();
        assertThat(tuned.path("value").asDouble())
                .isLessThan(0.8 * before.path("loss").asDouble());
        assertThat(run.resolve("model/adapter/adapter_config.json")).exists();
        assertThat(Files.readString(run.resolve("model/adapter/adapter_config.json")))
                .contains("\"lora_dropout\" : 0.05");
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("chat", "What it writes", "<th>Before</th>", "Where is number", "conversations cut to a row");
        assertThat(Files.readString(Path.of(model.getParent() + "/report.html")))
                .contains("What it writes", "bytes a token")
                .doesNotContain("<th>Before</th>");
        // Blocks that are computed again are counted: two passes of updates, and one of the blocks once more.
        assertThat(tuned.path("flops").asDouble()).isGreaterThan(0);

        assertThat(firstLoss(tuning, runs, "1")).isEqualTo(firstLoss(tuning, runs, "1"));
        // Nothing but the order of the conversations is random where all weights are trained and none is held out.
        assertThat(firstLoss(tuning, runs, "1")).isNotEqualTo(firstLoss(tuning, runs, "2"));

        Cli answer =
                Cli.run("generate", run.toString(), "--chat", "Where is number 3?", "--max-tokens", "12", "--json");
        assertThat(answer.status()).as(answer.err()).isZero();
        assertThat(answer.out()).contains("is here");
    }

    private double firstLoss(Path recipe, Path runs, String seed) throws IOException {
        trained(
                "train",
                recipe.toString(),
                "--runs",
                runs.toString(),
                "--json",
                "--seed",
                seed,
                "--set",
                "adapt=full",
                "--set",
                "memory=auto",
                "--set",
                "data.validation=0",
                "--set",
                "schedule.epochs=0.1");
        Path metrics = runs.resolve("latest").toRealPath().resolve("metrics.jsonl");
        for (String line : Files.readAllLines(metrics)) {
            JsonNode json = JSON.readTree(line);
            if (json.path("event").asText().equals("step")) {
                return json.path("loss").asDouble();
            }
        }
        throw new AssertionError("no step in " + metrics);
    }

    @Test
    void whatDoesNotFitIsSaid() throws IOException {
        Path recipe = Files.writeString(folder.resolve("wrong.yaml"), """
                task: language-model
                model: {fresh: llama, hidden_size: 30, num_heads: 4}
                data: {train: "%s", sequence_length: 100000}
                adapt: {kind: lora, targets: [q_prj]}
                memory: {base: nf4, checkpointing: false}
                label_smoothing: 0.1
                """.formatted(corpus()));
        Cli held = Cli.run("train", "glossary", "--set", "data.validation=0.2", "--runs", folder.toString());
        assertThat(held.status()).isEqualTo(2);
        assertThat(held.err()).contains("data.validation: has no effect with data.reader: wordnet-glossary");
        Cli one = Cli.run(
                "train", "--data", corpus().toString(), "--set", "data.train_examples=3", "--runs", folder.toString());
        assertThat(one.status()).isEqualTo(2);
        assertThat(one.err()).contains("data.train_examples: 3 has no effect on", "data.document: line");
        Cli result = Cli.run("train", recipe.toString(), "--runs", folder.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err())
                .contains("model.hidden_size")
                .contains("adapt.targets")
                .contains("memory.checkpointing")
                .contains("label_smoothing");
    }
}
