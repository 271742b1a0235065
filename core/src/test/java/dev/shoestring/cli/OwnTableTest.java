package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.RealModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A user's own table, from {@code train} to {@code eval}, with a network small enough for a test. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OwnTableTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TINY = "model={fresh: bert, tokenizer: \"" + RealModel.REFERENCE
            + "\", layers: 1, hidden_size: 32, num_heads: 2, intermediate_size: 64}";

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void tables() throws IOException {
        List<String> csv = new ArrayList<>(List.of("id,body,topic"));
        List<String> jsonl = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            boolean bill = i % 2 == 0;
            String body = bill
                    ? "the invoice number " + i + " was charged twice, refund the payment"
                    : "the app number " + i + " crashes on start, the screen is black";
            csv.add(i + ",\"" + body + "\"," + (bill ? "billing" : "bug"));
            jsonl.add("{\"body\": \"" + body + "\", \"topic\": " + (bill ? 1 : 2) + "}");
        }
        Files.write(folder.resolve("tickets.csv"), csv);
        Files.write(folder.resolve("tickets.jsonl"), jsonl);
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static Cli train(String... further) {
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "--data",
                path("tickets.csv"),
                "--text",
                "body",
                "--label",
                "topic",
                "--set",
                TINY,
                "--set",
                "adapt=full",
                "--set",
                "batch.global=8",
                "--set",
                "schedule.epochs=6",
                "--set",
                "optimizer.lr=3e-3",
                "--set",
                "optimizer.head_lr=3e-3"));
        arguments.addAll(List.of(further));
        return Cli.run(arguments.toArray(new String[0]));
    }

    @Test
    @Order(1)
    void trainsOnACsvAndLeavesTheRunFolder() throws IOException {
        Cli trained = train("--runs", path("runs"), "--json");
        assertThat(trained.status()).as(trained.err()).isZero();
        JsonNode summary = JSON.readTree(trained.out());
        assertThat(summary.path("status").asText()).isEqualTo("completed");
        assertThat(summary.path("value").asDouble()).isGreaterThan(0.95);
        assertThat(summary.path("baseline").path("accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(summary.path("data").path("train").asInt()).isBetween(150, 230);
        Path run = folder.resolve("runs/latest");
        assertThat(Stream.of(
                        "recipe.yaml",
                        "summary.json",
                        "metrics.jsonl",
                        "report.html",
                        "model/config.json",
                        "model/model.safetensors",
                        "model/tokenizer.json"))
                .allSatisfy(file -> assertThat(run.resolve(file)).isNotEmptyFile());
        assertThat(JSON.readTree(Files.readString(run.resolve("summary.json")))).isEqualTo(summary);
        try (Stream<Path> files = Files.list(run.toRealPath())) {
            assertThat(files.map(file -> file.getFileName().toString())).anyMatch(name -> name.contains("tfevents"));
        }
    }

    @Test
    @Order(2)
    void predictsFromArgumentsFileAndStandardInput() throws IOException {
        Cli arguments = Cli.run("predict", path("runs/latest"), "refund the invoice payment", "black screen crashes");
        assertThat(arguments.status()).as(arguments.err()).isZero();
        assertThat(arguments.out().lines().toList())
                .satisfiesExactly(line -> assertThat(line).startsWith("billing "), line -> assertThat(line)
                        .startsWith("bug "));
        Cli input = Cli.with("refund the invoice payment\nblack screen crashes\n", "predict", path("runs/latest"));
        assertThat(input.out()).isEqualTo(arguments.out());
        Files.writeString(folder.resolve("texts.txt"), "refund the invoice payment\nblack screen crashes\n");
        Cli file = Cli.run("predict", path("runs/latest"), "--file", path("texts.txt"), "--json");
        JsonNode documents = JSON.readTree(file.out());
        assertThat(documents).hasSize(2);
        assertThat(documents.get(0).path("label").asText()).isEqualTo("billing");
        double sum = documents.get(0).path("probabilities").path("billing").asDouble()
                + documents.get(0).path("probabilities").path("bug").asDouble();
        assertThat(sum).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
    }

    @Test
    @Order(3)
    void evaluatesOnATable() throws IOException {
        Cli evaluated = Cli.run(
                "eval",
                path("runs/latest"),
                "--data",
                path("tickets.csv"),
                "--text",
                "body",
                "--label",
                "topic",
                "--json");
        assertThat(evaluated.status()).as(evaluated.err()).isZero();
        JsonNode figures = JSON.readTree(evaluated.out());
        assertThat(figures.path("accuracy").asDouble()).isGreaterThan(0.95);
        assertThat(figures.path("macro_f1").asDouble()).isGreaterThan(0.95);
        Cli shown = Cli.run("eval", path("runs/latest"), "--data", path("tickets.csv"));
        assertThat(shown.status()).as(shown.err()).isZero();
        assertThat(shown.out()).contains("accuracy", "macro", "billing", "bug");
    }

    @Test
    @Order(4)
    void aBudgetStopsTheRunAndALargerOneLetsItGoOn() throws IOException {
        Cli stopped = train("--runs", path("short"), "--set", "stop.budget.time=1ms");
        assertThat(stopped.status()).as(stopped.err()).isEqualTo(3);
        assertThat(stopped.out()).contains("Stopped by the budget", "train --resume");
        Cli resumed = Cli.run("train", "--resume", path("short/latest"), "--set", "stop.budget.time=10m", "--json");
        assertThat(resumed.status()).as(resumed.err()).isZero();
        JsonNode summary = JSON.readTree(resumed.out());
        assertThat(summary.path("status").asText()).isEqualTo("completed");
        Cli again = Cli.run("train", "--resume", path("short/latest"));
        assertThat(again.status()).isEqualTo(2);
        assertThat(again.err()).contains("complete");
        Cli other = Cli.run("train", "--resume", path("short/latest"), "--set", "optimizer.lr=1");
        assertThat(other.status()).isEqualTo(2);
        assertThat(other.err()).contains("only stop.*");
    }

    @Test
    @Order(5)
    void aBaselineThatReachesTheTargetIsAllThatIsTrained() throws IOException {
        Cli trained = train("--runs", path("cheap"), "--set", "stop.target=0.8", "--json");
        assertThat(trained.status()).as(trained.err()).isZero();
        JsonNode summary = JSON.readTree(trained.out());
        assertThat(summary.path("status").asText()).isEqualTo("target_reached");
        assertThat(trained.err()).contains("baseline already reaches the target");
        Cli predicted = Cli.run("predict", path("cheap/latest"), "refund the invoice payment");
        assertThat(predicted.out()).startsWith("billing ");
    }

    @Test
    @Order(6)
    void aTestFileOfItsOwnAndAModelWithOtherLabels() throws IOException {
        Files.writeString(folder.resolve("test.csv"), "body,topic\nrefund the invoice,billing\nthe black screen,bug\n");
        Cli tested = train("--runs", path("tested"), "--set", "data.test=" + path("test.csv"), "--json");
        assertThat(tested.status()).as(tested.err()).isZero();
        assertThat(JSON.readTree(tested.out()).path("test").path("examples").asInt())
                .isEqualTo(2);

        // A run's own model begins a new one: its classifier is for other labels.
        Cli further = Cli.run(
                "train",
                "--data",
                path("tickets.jsonl"),
                "--text",
                "body",
                "--label",
                "topic",
                "--runs",
                path("further"),
                "--model",
                path("runs/latest/model"),
                "--set",
                "schedule.epochs=1",
                "--json");
        assertThat(further.status()).as(further.err()).isZero();
    }

    @Test
    @Order(7)
    void aResumedRunWantsTheDataItBeganWith() throws IOException {
        Path table = Files.copy(folder.resolve("tickets.csv"), folder.resolve("changing.csv"));
        Cli stopped = Cli.run(
                "train",
                "--data",
                table.toString(),
                "--text",
                "body",
                "--label",
                "topic",
                "--set",
                TINY,
                "--set",
                "adapt=full",
                "--set",
                "stop.budget.time=1ms",
                "--runs",
                path("changing"));
        assertThat(stopped.status()).as(stopped.err()).isEqualTo(3);
        Files.writeString(table, Files.readString(table).replace("refund", "return"));
        Cli resumed = Cli.run("train", "--resume", path("changing/latest"), "--set", "stop.budget.time=10m");
        assertThat(resumed.status()).isEqualTo(2);
        assertThat(resumed.err()).contains("other data");
    }

    @Test
    @Order(8)
    void numbersAreLabelsToo() {
        Cli trained = Cli.run(
                "train",
                "--data",
                path("tickets.jsonl"),
                "--text",
                "body",
                "--label",
                "topic",
                "--set",
                "model={fresh: bag-of-words}",
                "--runs",
                path("numbers"));
        assertThat(trained.status()).as(trained.err()).isZero();
        Cli predicted = Cli.run("predict", path("numbers/latest"), "refund the invoice payment");
        assertThat(predicted.out()).startsWith("1 ");
    }
}
