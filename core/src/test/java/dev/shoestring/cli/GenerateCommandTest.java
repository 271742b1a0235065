package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate} as a user types it, with a model that has learnt to say one thing. */
final class GenerateCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static String model;

    @BeforeAll
    static void train() throws IOException {
        StringBuilder chats = new StringBuilder();
        for (int i = 0; i < 80; i++) {
            chats.append("{\"instruction\": \"Say number ").append(i).append("\", \"output\": \"yes, it is\"}\n");
        }
        Path data = Files.writeString(folder.resolve("chats.jsonl"), chats);
        Path corpus = Files.writeString(folder.resolve("corpus.txt"), "Say number 7 and yes, it is. ".repeat(400));
        Path base = Files.writeString(folder.resolve("base.yaml"), """
                task: language-model
                model: {fresh: llama, vocabulary: 600, layers: 1, hidden_size: 32, num_heads: 2, intermediate_size: 64}
                data: {train: "%s", validation: 0.1, sequence_length: 32}
                batch: {global: 4}
                optimizer: {kind: adamw, lr: 1.0e-2, head_lr: 1.0e-2}
                schedule: {epochs: 1}
                """.formatted(corpus));
        String runs = folder.resolve("runs").toString();
        Cli began = Cli.run("train", base.toString(), "--runs", runs);
        assertThat(began.status()).as(began.err()).isZero();
        Path recipe = Files.writeString(folder.resolve("chat.yaml"), """
                task: chat
                model: {from: "%s"}
                data: {train: "%s", validation: 0.1, sequence_length: 64}
                batch: {global: 4}
                optimizer: {kind: adamw, lr: 1.0e-2, head_lr: 1.0e-2}
                schedule: {epochs: 6}
                """.formatted(
                        folder.resolve("runs/latest").toRealPath().resolve("model"), data));
        Cli trained = Cli.run("train", recipe.toString(), "--runs", runs);
        assertThat(trained.status()).as(trained.err()).isZero();
        model = folder.resolve("runs/latest").toString();
    }

    @Test
    void promptsAreContinuedAndWhatItCostIsSaid() {
        Cli one = Cli.run("generate", model, "Say", "--max-tokens", "4");
        assertThat(one.status()).as(one.err()).isZero();
        assertThat(one.out()).startsWith("Say");
        assertThat(one.err()).contains("new tokens at").contains("J (");
        assertThat(Cli.run("generate", model, "Say", "--max-tokens", "4").out()).isEqualTo(one.out());
        Cli lines = Cli.with("Say\n\nyes\n", "generate", model, "--max-tokens", "2");
        assertThat(lines.out().lines()).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void eachLineOfAPipeIsATurnOfOneConversation() throws IOException {
        Cli answers = Cli.with(
                "Say number 3\nSay number 4\n/exit\nSay number 5\n",
                "generate",
                model,
                "--chat",
                "--max-tokens",
                "12",
                "--json");
        assertThat(answers.status()).as(answers.err()).isZero();
        JsonNode turns = JSON.readTree(answers.out()).path("generations");
        assertThat(turns).hasSize(2);
        assertThat(turns.get(0).path("text").asText()).contains("yes, it is");
        assertThat(turns.get(1).path("prompt").asText()).isEqualTo("Say number 4");
        // The second prompt holds the first turn and its answer.
        assertThat(turns.get(1).path("prompt_ids").size())
                .isGreaterThan(2 * turns.get(0).path("prompt_ids").size());
        Cli written = Cli.with("Say number 3\n", "generate", model, "--chat", "--max-tokens", "12");
        assertThat(written.out()).contains("yes, it is").doesNotContain("> ");
    }

    @Test
    void aFullContextForgetsTheOldestTurns() {
        String long80 = "number ".repeat(60);
        Cli answers = Cli.with(
                (long80 + "\n").repeat(12), "generate", model, "--chat", "--max-tokens", "2", "--system", "Be brief.");
        assertThat(answers.status()).as(answers.err()).isZero();
        assertThat(answers.err()).contains("the oldest turn is forgotten");
    }

    @Test
    void badInputIsOneMessage() {
        assertThat(Cli.with("", "generate", model, "--chat").err()).contains("has no prompt");
        assertThat(Cli.run("generate", model, "x", "--system", "y").err()).contains("--system: has no effect");
        assertThat(Cli.run("generate", model, "x", "--file", "y").err()).contains("--file");
        assertThat(Cli.run("generate", model, "x", "--top-k", "3").err()).contains("--top-k: has no effect");
        Cli missing = Cli.run("generate", folder.resolve("none").toString(), "x");
        assertThat(missing.status()).isEqualTo(ExitStatus.BAD_INPUT);
        Cli tooLong = Cli.run("generate", model, "--chat", "number ".repeat(3000));
        assertThat(tooLong.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(tooLong.err()).contains("max_position_embeddings");
    }
}
