package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.plan.ModelConfigReader;
import dev.shoestring.plan.ModelShape;
import dev.shoestring.plan.TransformerFlops;
import dev.shoestring.tensor.LiveTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A language model of one's own, made smaller. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ShrinkLanguageModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] ANIMALS = {"cat", "dog", "cow", "owl", "fox"};

    @TempDir
    private static Path folder = Path.of("");

    private static Path original = Path.of("");

    @BeforeAll
    static void trainTheOriginal() throws IOException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(4);
        for (int i = 0; i < 3000; i++) {
            text.append("The ").append(ANIMALS[random.nextInt(ANIMALS.length)]).append(" is here. ");
        }
        Files.writeString(folder.resolve("corpus.txt"), text);
        Files.writeString(folder.resolve("animals.yaml"), """
                task: language-model
                model: {fresh: llama, vocabulary: 600, layers: 3, hidden_size: 32, num_heads: 4, num_key_value_heads: 2, intermediate_size: 64}
                data: {train: "%s", validation: 0.1, sequence_length: 32}
                batch: {global: 8, micro: 4}
                optimizer: {kind: muon, lr: 0.02, head_lr: 0.01}
                schedule: {kind: trapezoid, epochs: 3, warmup: 0.05}
                sequence_warmup: {from: 8, until: 0.3}
                z_loss: 1.0e-4
                """.formatted(folder.resolve("corpus.txt")));
        Cli cli = Cli.run("train", path("animals.yaml"), "--runs", path("runs"));
        assertThat(cli.status()).as(cli.err()).isZero();
        original = folder.resolve("runs/latest").toRealPath();
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static Cli shrink(String work, String... further) {
        List<String> arguments = new ArrayList<>(
                List.of("shrink", "--model", original.toString(), "--runs", path("runs"), "--folder", path(work)));
        arguments.addAll(List.of(further));
        return Cli.run(arguments.toArray(new String[0]));
    }

    @Test
    @Order(1)
    void aSmallerNetworkThatWritesAsWell() throws IOException {
        Cli cli =
                shrink("work", "--target", "parameters=0.7x,flops=0.7x", "--epochs", "0.5", "--keep", "0.8", "--json");
        assertThat(cli.status()).as(cli.err()).isZero();
        assertThat(cli.err())
                .contains("the vocabulary stays", "the original reads along: in 0.50 epochs no row comes twice");
        JsonNode report = JSON.readTree(cli.out());
        JsonNode before = report.path("original");
        JsonNode after = report.path("result");
        assertThat(after.path("flops").asDouble())
                .isLessThanOrEqualTo(0.7 * before.path("flops").asDouble());
        assertThat(after.path("parameters").asLong())
                .isLessThanOrEqualTo((long) (0.7 * before.path("parameters").asLong()));
        assertThat(report.path("floor_kept").asBoolean()).isTrue();
        assertThat(report.path("metric").asText()).isEqualTo("loss");
        assertThat(report.path("unit").asText()).isEqualTo("row of tokens");
        Path run = folder.resolve("runs/latest").toRealPath();
        JsonNode config = JSON.readTree(run.resolve("model/config.json").toFile());
        JsonNode sizes = after.path("sizes");
        assertThat(config.path("hidden_size").asLong())
                .isEqualTo(sizes.path("width").asLong());
        assertThat(config.path("num_hidden_layers").asLong())
                .isEqualTo(sizes.path("layers").asLong());
        assertThat(config.path("head_dim").asInt()).isEqualTo(8);
        assertThat(config.path("num_attention_heads").asInt()
                        % config.path("num_key_value_heads").asInt())
                .isZero();
        assertThat(Files.readAllBytes(run.resolve("model/tokenizer.json")))
                .isEqualTo(Files.readAllBytes(original.resolve("model/tokenizer.json")));
        assertThat(Files.readString(run.resolve("recipe.yaml"))).contains("distill:", "top_k: 0", original.toString());
        ModelShape planned = ModelConfigReader.read(run.resolve("model/config.json"));
        assertThat(after.path("parameters").asLong()).isEqualTo(planned.parameters());
        // A token of a row of 32 sees 16.5 on average, itself included.
        assertThat(after.path("flops").asDouble())
                .isCloseTo(32 * TransformerFlops.of(planned, 33).forward(), Percentage.withPercentage(1e-6));
        Cli written = Cli.run("generate", run.toString(), "The", "--max-tokens", "8", "--temperature", "0");
        assertThat(written.status()).as(written.err()).isZero();
        assertThat(written.out()).contains("is here.");
    }

    @Test
    @Order(2)
    void whatWasDoneIsNotDoneAgain() throws IOException {
        long runs = runs();
        Cli cli = shrink("work", "--target", "parameters=0.7x,flops=0.7x", "--epochs", "0.5", "--keep", "0.8");
        assertThat(cli.status()).as(cli.err()).isZero();
        assertThat(cli.err()).doesNotContain("healing briefly");
        assertThat(cli.out()).contains("key value heads", "generate: shoestring generate");
        assertThat(runs()).isEqualTo(runs);
    }

    @Test
    @Order(3)
    void aFloorThatCannotBeKeptGivesTheBestThatWasFoundFromKeptAnswers() throws IOException {
        Cli cli = shrink(
                "floor",
                "--target",
                "0.4x",
                "--keep",
                "1",
                "--epochs",
                "1.5",
                "--set",
                "optimizer.lr=1e-9",
                "--set",
                "optimizer.head_lr=1e-9",
                "--json");
        assertThat(cli.status()).as(cli.err()).isZero();
        assertThat(cli.err()).contains("they save 0.5 of its 1.5 readings", "computing the teacher's answers once");
        assertThat(folder.resolve("floor/answers.safetensors")).isNotEmptyFile();
        JsonNode report = JSON.readTree(cli.out());
        assertThat(report.path("floor_kept").asBoolean()).isFalse();
        assertThat(report.path("verdict").asText()).contains("could not be kept; the best that was found");
    }

    /** Rows are counted after the original was opened. */
    @Test
    @Order(4)
    void nothingIsLeftOfAnOriginalThatIsRefused() {
        long[] left = new long[3];
        for (int i = 0; i < left.length; i++) {
            Cli cli = shrink("refused", "--set", "batch.global=100000", "--set", "batch.micro=4");
            assertThat(cli.status()).isEqualTo(2);
            assertThat(cli.err()).contains("fewer than batch.global");
            left[i] = LiveTensors.count();
        }
        assertThat(left[2]).isEqualTo(left[0]);
    }

    @Test
    @Order(4)
    void badInputIsOneMessage() throws IOException {
        Cli small = shrink("bad1", "--target", "0.0001x");
        assertThat(small.status()).isEqualTo(2);
        assertThat(small.err()).contains("smaller than the smallest network");
        assertThat(shrink("bad1", "--cut-vocabulary").err())
                .contains("--cut-vocabulary: has an effect on classifiers of texts alone");
        assertThat(shrink("bad1", "--unlabelled", "5").err())
                .contains("--unlabelled: has an effect on classifiers of texts alone");
        Files.writeString(folder.resolve("pairs.yaml"), """
                task: preference
                model: {from: "%s"}
                data: {train: pairs.jsonl}
                """.formatted(original.resolve("model")));
        Cli pairs = shrink("bad2", path("pairs.yaml"));
        assertThat(pairs.status()).isEqualTo(2);
        assertThat(pairs.err()).contains("a model of task preference", "language models and chats of the Llama family");
        // Texts with labels calibrate no language model.
        StringBuilder table = new StringBuilder("body,topic\n");
        for (int i = 0; i < 40; i++) {
            table.append("hello number ").append(i).append(i % 2 == 0 ? ",a\n" : ",b\n");
        }
        Files.writeString(folder.resolve("table.csv"), table);
        Files.writeString(folder.resolve("labels.yaml"), """
                task: text-classification
                model: {from: "%s"}
                data: {train: "%s", text: body, label: topic}
                """.formatted(original.resolve("model"), path("table.csv")));
        Cli labels = shrink("bad3", path("labels.yaml"));
        assertThat(labels.status()).isEqualTo(2);
        assertThat(labels.err()).contains("llama");
        // A model of a kind that is not read here is refused by its name.
        Path stranger = Files.createDirectories(folder.resolve("stranger"));
        Files.writeString(
                stranger.resolve("config.json"),
                Files.readString(original.resolve("model/config.json")).replace("\"llama\"", "\"gpt2\""));
        for (String name : List.of("tokenizer.json", "model.safetensors")) {
            Files.copy(original.resolve("model").resolve(name), stranger.resolve(name));
        }
        Cli unknown = Cli.run("shrink", path("animals.yaml"), "--model", stranger.toString(), "--folder", path("bad4"));
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.err()).contains("model_type", "gpt2");
    }

    @Test
    @Order(5)
    void aModelTunedOnConversationsIsMadeSmallerByThem() throws IOException {
        StringBuilder chats = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            chats.append("{\"instruction\": \"Where is number ")
                    .append(i)
                    .append("?\", \"output\": \"The ")
                    .append(ANIMALS[i % 2])
                    .append(" is here.\"}\n");
        }
        Files.writeString(folder.resolve("chats.jsonl"), chats);
        Files.writeString(folder.resolve("chat.yaml"), """
                task: chat
                model: {from: "%s"}
                data: {train: "%s", validation: 0.2, sequence_length: 64}
                adapt: {kind: lora, rank: 4}
                batch: {global: 4}
                optimizer: {kind: adamw, lr: 1.0e-2}
                schedule: {epochs: 4}
                """.formatted(original.resolve("model"), path("chats.jsonl")));
        Cli tuned = Cli.run("train", path("chat.yaml"), "--runs", path("chats"));
        assertThat(tuned.status()).as(tuned.err()).isZero();
        Path chat = folder.resolve("chats/latest").toRealPath();
        Cli cli = Cli.run(
                "shrink",
                "--model",
                chat.toString(),
                "--target",
                "0.7x",
                "--epochs",
                "2",
                "--folder",
                path("chat-work"),
                "--runs",
                path("chats"),
                "--json");
        assertThat(cli.status()).as(cli.err()).isZero();
        assertThat(cli.err()).contains("the original reads along: rows of conversations differ");
        JsonNode report = JSON.readTree(cli.out());
        assertThat(report.path("result").path("flops").asDouble())
                .isLessThanOrEqualTo(0.7 * report.path("original").path("flops").asDouble());
        assertThat(report.path("result").path("validation").asDouble()).isBetween(0.0, 6.0);
    }

    private static long runs() throws IOException {
        try (var runs = Files.list(folder.resolve("runs"))) {
            return runs.count();
        }
    }
}
