package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.RealModel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Killed without warning and resumed, a run comes to the same bits as unbroken. Each run is a process of its own. */
final class ResumeTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void table() throws IOException {
        List<String> csv = new ArrayList<>(List.of("body,topic"));
        Random random = new Random(3);
        for (int i = 0; i < 400; i++) {
            String words = "word" + random.nextInt(50) + " thing" + random.nextInt(50);
            csv.add("the " + words + " is number " + i + "," + (i % 3 == 0 ? "x" : i % 3 == 1 ? "y" : "z"));
        }
        Files.write(folder.resolve("table.csv"), csv);
    }

    @Test
    void killedAndResumedGivesTheSameBitsAsUnbroken() throws IOException, InterruptedException {
        assertThat(train("unbroken").waitFor()).isZero();
        Path unbroken = folder.resolve("unbroken/latest");

        Process victim = train("killed");
        Path metrics = folder.resolve("killed/latest/metrics.jsonl");
        long from = 20L + new Random().nextInt(60);
        while (victim.isAlive() && lines(metrics) < from) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        victim.destroyForcibly().waitFor();
        Path killed = folder.resolve("killed/latest");
        assertThat(killed.resolve("report.html")).as("killed in time").doesNotExist();
        assertThat(killed.resolve("checkpoints")).isNotEmptyDirectory();

        assertThat(start("--resume", killed.toString()).waitFor()).isZero();
        assertThat(killed.resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(unbroken.resolve("model/model.safetensors"));
        assertThat(losses(killed)).isEqualTo(losses(unbroken)).hasSizeGreaterThan(100);
    }

    @Test
    void aLanguageModelKilledAndResumedGivesTheSameBitsAsUnbroken() throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(5);
        for (int i = 0; i < 4000; i++) {
            text.append("word").append(random.nextInt(40)).append(i % 9 == 0 ? ".\n\n" : " ");
        }
        Path corpus = Files.writeString(folder.resolve("corpus.txt"), text);
        Path recipe = Files.writeString(folder.resolve("small.yaml"), """
                task: language-model
                model: {fresh: llama, vocabulary: 300, layers: 2, hidden_size: 32, num_heads: 2, intermediate_size: 64}
                data: {train: "%s", document: blank-line, validation: 0.1, sequence_length: 32}
                batch: {global: 4, micro: 2}
                optimizer: {kind: muon, lr: 0.02, head_lr: 0.01}
                schedule: {kind: trapezoid, epochs: 2, warmup: 0.05}
                sequence_warmup: {from: 8, until: 0.5}
                neftune: 1
                """.formatted(corpus));
        String unbrokenRuns = folder.resolve("unbroken").toString();
        assertThat(start(recipe.toString(), "--runs", unbrokenRuns).waitFor()).isZero();
        Path unbroken = folder.resolve("unbroken/latest");

        Process victim =
                start(recipe.toString(), "--runs", folder.resolve("killed").toString());
        Path metrics = folder.resolve("killed/latest/metrics.jsonl");
        while (victim.isAlive() && lines(metrics) < 20) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        victim.destroyForcibly().waitFor();
        Path killed = folder.resolve("killed/latest");
        assertThat(killed.resolve("report.html")).as("killed in time").doesNotExist();

        assertThat(start("--resume", killed.toString()).waitFor()).isZero();
        assertThat(killed.resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(unbroken.resolve("model/model.safetensors"));
        assertThat(losses(killed)).isEqualTo(losses(unbroken)).hasSizeGreaterThan(50);
    }

    @Test
    void aSignalSavesAndSaysHowToGoOn() throws IOException, InterruptedException {
        Process run = train("signalled");
        Path metrics = folder.resolve("signalled/latest/metrics.jsonl");
        while (run.isAlive() && lines(metrics) < 20) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        run.destroy(); // SIGTERM
        assertThat(run.waitFor()).isEqualTo(3);
        assertThat(folder.resolve("log")).content().contains("stopping after this step and saving", "train --resume ");
        Path latest = folder.resolve("signalled/latest");
        assertThat(new ObjectMapper()
                        .readTree(latest.resolve("summary.json").toFile())
                        .path("status")
                        .asText())
                .isEqualTo("interrupted");
        int done = (int) lines(metrics);
        assertThat(start("--resume", latest.toString()).waitFor()).isZero();
        assertThat(latest.resolve("report.html")).isNotEmptyFile();
        assertThat(lines(metrics)).isGreaterThan(done);
        assertThat(losses(latest)).doesNotHaveDuplicates();
    }

    /** Step and loss of each training step, as they were logged. */
    private static List<String> losses(Path run) throws IOException {
        List<String> losses = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            ObjectNode json = (ObjectNode) new ObjectMapper().readTree(line);
            losses.add(json.path("step") + " " + json.path("loss") + " " + json.path("accuracy"));
        }
        return losses;
    }

    private static long lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    private Process train(String runs) throws IOException {
        return start(
                "--data",
                folder.resolve("table.csv").toString(),
                "--text",
                "body",
                "--label",
                "topic",
                "--runs",
                folder.resolve(runs).toString(),
                "--set",
                "adapt=full",
                "--set",
                "dropout=0.1",
                "--set",
                "batch.global=16",
                "--set",
                "schedule.epochs=8",
                "--set",
                "model={fresh: bert, tokenizer: \"" + RealModel.REFERENCE
                        + "\", layers: 2, hidden_size: 32, num_heads: 2, intermediate_size: 64}");
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dorg.bytedeco.javacpp.nopointergc=true",
                "-Dshoestring.checkpointSeconds=0.2",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.shoestring.cli.Main",
                "train"));
        command.addAll(List.of(arguments));
        File log = folder.resolve("log").toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }
}
