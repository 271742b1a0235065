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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A table of one's own, trained and made smaller, with a network small enough for a test. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ShrinkCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void table() throws IOException {
        List<String> csv = new ArrayList<>(List.of("body,topic"));
        List<String> other = new ArrayList<>(List.of("body,topic"));
        for (int i = 0; i < 300; i++) {
            boolean bill = i % 2 == 0;
            String body = bill
                    ? "the invoice number " + i + " was charged twice refund the payment"
                    : "the app number " + i + " crashes on start the screen is black";
            csv.add(body + "," + (bill ? "billing" : "bug"));
            other.add(body + "," + (bill ? "yes" : "no"));
        }
        Files.write(folder.resolve("tickets.csv"), csv);
        Files.write(folder.resolve("other.csv"), other);
        Files.writeString(folder.resolve("tickets.yaml"), recipe("tickets.csv"));
        Files.writeString(folder.resolve("other.yaml"), recipe("other.csv"));
    }

    private static String recipe(String table) {
        return """
                task: text-classification
                model: {fresh: bert, tokenizer: "%s", layers: 3, hidden_size: 48, num_heads: 4, intermediate_size: 96}
                data: {train: "%s", text: body, label: topic, validation: 0.2, test: 0.1, train_examples: 120, max_tokens: 32}
                adapt: full
                batch: {global: 8}
                optimizer: {kind: adamw, lr: 3.0e-3, head_lr: 3.0e-3}
                schedule: {kind: warmup-linear, epochs: 6, warmup: 0.1}
                """.formatted(RealModel.REFERENCE, folder.resolve(table));
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static Cli shrink(String... further) {
        List<String> arguments = new ArrayList<>(List.of("shrink", "--runs", path("runs")));
        arguments.addAll(List.of(further));
        return Cli.run(arguments.toArray(new String[0]));
    }

    @Test
    @Order(1)
    void trainsTheRecipeSayingWhatItCostsAndMakesItSmaller() throws IOException {
        Cli cli = shrink(
                path("tickets.yaml"),
                "--target",
                "flops=0.4x,parameters=0.03x",
                "--epochs",
                "3",
                "--folder",
                path("work"),
                "--set",
                "baseline=false",
                "--json");
        assertThat(cli.status()).as(cli.err()).isZero();
        assertThat(cli.err()).contains("first: training tickets, predicted to take");
        JsonNode report = JSON.readTree(cli.out());
        JsonNode before = report.path("original");
        JsonNode after = report.path("result");
        assertThat(after.path("flops").asDouble())
                .isLessThanOrEqualTo(0.4 * before.path("flops").asDouble());
        assertThat(after.path("parameters").asLong())
                .isLessThanOrEqualTo((long) (0.03 * before.path("parameters").asLong()));
        assertThat(after.path("validation").asDouble()).isGreaterThan(0.95);
        assertThat(report.path("floor_kept").asBoolean()).isTrue();
        assertThat(report.path("candidates").size()).isGreaterThan(1);
        assertThat(report.path("cost").path("flops").asDouble()).isPositive();
        Path run = folder.resolve("runs/latest");
        assertThat(List.of("report.html", "summary.json", "shrink.html", "shrink.json", "model/model.safetensors"))
                .allSatisfy(file -> assertThat(run.resolve(file)).isNotEmptyFile());
        assertThat(Files.readString(run.resolve("shrink.html"))).contains("The front", "Every candidate");
        JsonNode config = JSON.readTree(run.resolve("model/config.json").toFile());
        assertThat(config.path("vocab_size").asInt())
                .isEqualTo(after.path("sizes").path("vocabulary_rows").asInt());
        Cli predicted = Cli.run("predict", run.toString(), "refund the invoice payment", "black screen crashes");
        assertThat(predicted.out().lines().toList())
                .satisfiesExactly(line -> assertThat(line).startsWith("billing "), line -> assertThat(line)
                        .startsWith("bug "));
    }

    @Test
    @Order(2)
    void whatWasDoneIsNotDoneAgain() throws IOException {
        long runs = runs();
        Cli cli = shrink(
                path("tickets.yaml"),
                "--target",
                "flops=0.4x,parameters=0.03x",
                "--epochs",
                "3",
                "--folder",
                path("work"),
                "--set",
                "baseline=false");
        assertThat(cli.status()).as(cli.err()).isZero();
        assertThat(cli.out()).contains("fewer parameters", "the shrinking", "shrink.html");
        assertThat(cli.err()).doesNotContain("healing briefly", "computing the original's answers");
        assertThat(runs()).isEqualTo(runs);
    }

    @Test
    @Order(3)
    void aFloorThatCannotBeKeptGivesTheBestThatWasFound() throws IOException {
        Path original = original();
        Cli cli = shrink(
                "--model",
                original.toString(),
                "--keep",
                "1",
                "--target",
                "0.2x",
                "--epochs",
                "0.1",
                "--unlabelled",
                "0",
                "--set",
                "optimizer.lr=1e-9",
                "--set",
                "optimizer.head_lr=1e-9",
                "--cut-vocabulary",
                "--set",
                "stop.metric=loss",
                "--folder",
                path("floor"),
                "--json");
        assertThat(cli.status()).as(cli.err()).isZero();
        JsonNode report = JSON.readTree(cli.out());
        assertThat(report.path("result").path("validation").asDouble())
                .isGreaterThan(report.path("floor").asDouble());
        assertThat(report.path("floor_kept").asBoolean()).isFalse();
        assertThat(report.path("verdict").asText()).contains("could not be kept; the best that was found");
    }

    @Test
    @Order(4)
    void badInputIsOneMessage() throws IOException {
        String original = original().toString();
        Cli task = shrink(path("other.yaml"), "--model", original, "--folder", path("bad1"));
        assertThat(task.status()).isEqualTo(2);
        assertThat(task.err()).contains("has the labels billing, bug, but the data has no, yes");
        Files.writeString(
                folder.resolve("pairs.yaml"), "{task: preference, model: {from: folder}, data: {train: pairs.jsonl}}");
        Cli pairs = shrink(path("pairs.yaml"), "--folder", path("bad2"));
        assertThat(pairs.status()).isEqualTo(2);
        assertThat(pairs.err()).contains("a model of task preference", "BERT family", "Llama family");
        Cli words = shrink("definitions-words", "--folder", path("bad3"));
        assertThat(words.err()).contains("a bag of words");
        Cli small = shrink("--model", original, "--target", "0.0001x", "--folder", path("bad4"));
        assertThat(small.status()).isEqualTo(2);
        assertThat(small.err()).contains("smaller than the smallest network");
        Cli fast = shrink("--model", original, "--target", "0.000001ms", "--folder", path("bad5"));
        assertThat(fast.status()).isEqualTo(2);
        assertThat(fast.err()).contains("--target: 1.000e-06 ms alone is smaller than the smallest network");
        assertThat(shrink("--model", original, "--keep", "1.5").err()).contains("--keep");
        assertThat(shrink("--model", original, "--target", "tiny").err()).contains("--target");
        assertThat(shrink("--model", original, "--budget", "soon").err()).contains("--budget");
        assertThat(shrink("--model", path("nowhere")).status()).isEqualTo(2);
    }

    @Test
    @Order(5)
    void theLatestRunIsTheOneThatWasLatestAsItBegan() throws IOException {
        Path original = original().toRealPath();
        Path runs = Files.createDirectory(folder.resolve("links"));
        Files.createSymbolicLink(runs.resolve("latest"), original);
        Cli cli = Cli.run(
                "shrink",
                "--runs",
                runs.toString(),
                "--model",
                runs.resolve("latest").toString(),
                "--target",
                "0.4x",
                "--epochs",
                "0.1",
                "--folder",
                path("latest-work"),
                "--json");
        assertThat(cli.status()).as(cli.err()).isZero();
        JsonNode report = JSON.readTree(cli.out());
        assertThat(cli.err()).contains("latest is " + original + "; name that one to go on after an interruption");
        JsonNode summary = JSON.readTree(original.resolve("summary.json").toFile());
        assertThat(report.path("original").path("folder").asText()).startsWith(original.toString());
        assertThat(report.path("original").path("test").asDouble())
                .isEqualTo(summary.path("test").path("accuracy").asDouble());
    }

    @Test
    @Order(6)
    void aStudentsTeacherIsTheLatestRunBeforeIt() throws IOException {
        String distill = "distill: {teacher: \"" + path("runs/latest") + "\"}\nbaseline: false\n";
        Files.writeString(folder.resolve("student.yaml"), recipe("tickets.csv") + distill);
        Files.writeString(folder.resolve("stranger.yaml"), recipe("other.csv") + distill);
        Path before = folder.resolve("runs/latest").toRealPath();
        long runs = runs();
        Cli stranger = Cli.run("train", path("stranger.yaml"), "--runs", path("runs"));
        assertThat(stranger.status()).isEqualTo(2);
        assertThat(stranger.err()).contains("has the labels billing, bug, but the data has no, yes");
        Cli nobody = Cli.run("train", path("student.yaml"), "--runs", path("runs"), "--set", "distill.teacher=nowhere");
        assertThat(nobody.status()).isEqualTo(2);
        assertThat(nobody.err()).contains("nowhere: there is no such run");
        assertThat(runs()).isEqualTo(runs);
        Cli student = Cli.run("train", path("student.yaml"), "--runs", path("runs"), "--set", "schedule.epochs=1");
        assertThat(student.status()).as(student.err()).isZero();
        assertThat(Files.readString(folder.resolve("runs/latest/recipe.yaml"))).contains(before.toString());
        JsonNode sizes = JSON.readTree(
                        folder.resolve("runs/latest/summary.json").toFile())
                .path("parameters");
        assertThat(sizes.path("trained").asLong()).isEqualTo(sizes.path("total").asLong());
    }

    @Test
    @Order(7)
    void thePlanCountsTheTeachersAnswers() throws IOException {
        Cli alone = Cli.run("plan", path("tickets.yaml"), "--json");
        Cli taught = Cli.run("plan", path("student.yaml"), "--set", "distill.unlabelled=60", "--json");
        assertThat(taught.status()).as(taught.err()).isZero();
        JsonNode plan = JSON.readTree(taught.out());
        assertThat(taught.out()).contains("the teacher's answers, once");
        assertThat(alone.out()).doesNotContain("the teacher");
        assertThat(plan.at("/seconds_parts/the teacher's answers, once").asDouble())
                .isEqualTo(plan.at("/teacher/seconds").asDouble());
        assertThat(plan.at("/memory_parts_bytes/the teacher").asDouble()).isPositive();
        // Answers that are there are not computed again.
        Path answers = Files.writeString(folder.resolve("known.answers"), "");
        JsonNode known =
                JSON.readTree(Cli.run("plan", path("student.yaml"), "--set", "distill.scores=" + answers, "--json")
                        .out());
        assertThat(known.at("/teacher/flops").asDouble()).isZero();
        assertThat(Cli.run("plan", path("student.yaml")).out())
                .contains("the teacher of it", "answers each text once, before the first step");
        // Half as many texts again, each of which is answered once besides.
        assertThat(plan.path("flops").asDouble())
                .isGreaterThan(1.5 * JSON.readTree(alone.out()).path("flops").asDouble());
    }

    @Test
    @Order(8)
    void aTimeIsATargetToo() throws IOException {
        Cli cli = shrink(
                "--model",
                original().toString(),
                "--target",
                "1000ms,flops=0.4x",
                "--epochs",
                "0.1",
                "--folder",
                path("time"),
                "--json");
        assertThat(cli.status()).as(cli.err()).isZero();
        JsonNode report = JSON.readTree(cli.out());
        assertThat(report.path("target").asText()).isEqualTo("0.4x the operations, 1000 ms alone");
        assertThat(report.path("result").path("one_seconds").asDouble()).isLessThan(1);
    }

    private static Path original() throws IOException {
        try (var runs = Files.list(folder.resolve("runs"))) {
            return runs.filter(run -> run.getFileName().toString().startsWith("tickets-2"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static long runs() throws IOException {
        try (var runs = Files.list(folder.resolve("runs"))) {
            return runs.count();
        }
    }
}
