package dev.shoestring.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.train.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real processes: the command line as a user types it. */
final class LaunchTest {
    private static final long LONGEST_SECONDS = 120;

    private final Path folder;

    LaunchTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("Number ")
                    .append(i * 37 % 401)
                    .append(" comes before ")
                    .append(i)
                    .append(".\n");
        }
        Files.writeString(folder.resolve("corpus.txt"), text);
        Files.writeString(folder.resolve("recipe.yaml"), """
                name: tiny
                task: language-model
                model: {fresh: llama, vocabulary: 256, layers: 2, hidden_size: 32, num_heads: 2, intermediate_size: 64}
                data: {train: "%s", validation: 0.1, sequence_length: 32}
                batch: {global: 8, micro: 4}
                optimizer: {kind: adamw, lr: 1.0e-3}
                schedule: {epochs: 1}
                stop: {evaluations_per_epoch: 1}
                precision: fp32
                """.formatted(folder.resolve("corpus.txt")));
    }

    private record Ended(int status, String out, String errors) {}

    /** A process and where its output goes. */
    private record Started(Process process, Path out, Path errors) {}

    private Started start(Map<String, String> environment, String options, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"));
        words.addAll(
                Arrays.stream(options.split(" ")).filter(one -> !one.isEmpty()).toList());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.shoestring.cli.Main"));
        words.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path errors = Files.createTempFile(folder, "errors", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(errors.toFile());
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().putAll(environment);
        return new Started(builder.start(), out, errors);
    }

    private static Ended ended(Started started) throws IOException, InterruptedException {
        Process process = started.process();
        boolean inTime = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
        String errors = Files.readString(started.errors());
        if (!inTime) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(inTime).as(errors).isTrue();
        return new Ended(process.exitValue(), Files.readString(started.out()), errors);
    }

    private Ended run(String... arguments) throws IOException, InterruptedException {
        return ended(start(Map.of(), "", arguments));
    }

    private Path trained(String runs) throws IOException {
        try (Stream<Path> folders = Files.list(folder.resolve(runs))) {
            return folders.filter(one -> Files.isDirectory(one) && !Files.isSymbolicLink(one))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private static List<Double> losses(Path run) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode json = new ObjectMapper().readTree(line);
            if (json.path("event").asText().equals("step")) {
                losses.add(json.path("loss").asDouble());
            }
        }
        return losses;
    }

    private String recipe() {
        return folder.resolve("recipe.yaml").toString();
    }

    private String runs(String name) {
        return folder.resolve(name).toString();
    }

    private static byte[] weights(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("model/model.safetensors"));
    }

    @Test
    void twoProcessesGiveTheLossesOfOne() throws IOException, InterruptedException {
        Ended one = run("train", recipe(), "--runs", runs("one"));
        assertThat(one.status()).as(one.errors()).isZero();
        Ended two = run("launch", "-n", "2", "--", "train", recipe(), "--runs", runs("two"), "--json");
        assertThat(two.status()).as(two.errors()).isZero();
        JsonNode summary = new ObjectMapper().readTree(two.out());
        assertThat(summary.path("processes").asInt()).isEqualTo(2);
        List<Double> alone = losses(trained("one"));
        List<Double> together = losses(trained("two"));
        assertThat(together).hasSameSizeAs(alone).hasSizeGreaterThan(20);
        for (int i = 0; i < alone.size(); i++) {
            assertThat(together.get(i)).isCloseTo(alone.get(i), within(1e-5));
        }
        JsonNode first = new ObjectMapper()
                .readTree(trained("one").resolve("summary.json").toFile());
        assertThat(summary.path("flops").asDouble())
                .isCloseTo(first.path("flops").asDouble(), within(1.0));
        assertThat(summary.path("tokens_seen")).isEqualTo(first.path("tokens_seen"));
    }

    /** Rank 0 sees its checkpoints' age; with the second interval, only what it saves when it is left counts. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "1000"})
    void aLostProcessIsReplacedAndNothingIsTrainedTwice(String checkpointSeconds)
            throws IOException, InterruptedException {
        Ended whole = run("launch", "-n", "2", "--", "train", recipe(), "--runs", runs("whole"));
        assertThat(whole.status()).as(whole.errors()).isZero();
        Started started = start(
                Map.of(),
                "-Dshoestring.timeoutSeconds=20 -Dshoestring.checkpointSeconds=" + checkpointSeconds,
                "launch",
                "-n",
                "2",
                "--",
                "train",
                recipe(),
                "--runs",
                runs("broken"));
        kill(started.process(), "1", 5);
        if (checkpointSeconds.equals("0")) {
            kill(started.process(), "0", 12);
        }
        Ended broken = ended(started);
        assertThat(broken.status()).as(broken.errors()).isZero();
        assertThat(broken.errors()).contains("restart 1 of 3");
        assertThat(losses(trained("broken"))).isEqualTo(losses(trained("whole")));
        assertThat(weights(trained("broken"))).isEqualTo(weights(trained("whole")));
    }

    /** Checkpoints come to rank 0 in a few steps, one after another; the killed runs have some. */
    @Test
    void withSharedOptimizerStateABrokenRunHasTheBitsOfAWholeOneWithout() throws IOException, InterruptedException {
        Ended whole = run("launch", "-n", "2", "--", "train", recipe(), "--runs", runs("whole"), "--json");
        assertThat(whole.status()).as(whole.errors()).isZero();
        Started started = start(
                Map.of(),
                "-Dshoestring.timeoutSeconds=20 -Dshoestring.checkpointSeconds=0",
                "launch",
                "-n",
                "2",
                "--",
                "train",
                recipe(),
                "--runs",
                runs("broken"),
                "--json",
                "--set",
                "distributed.shard=optimizer");
        killWithCheckpoint(started.process(), "1", 12);
        killWithCheckpoint(started.process(), "0", 24);
        Ended broken = ended(started);
        assertThat(broken.status()).as(broken.errors()).isZero();
        assertThat(broken.errors())
                .contains("restart 1 of 3, from the last checkpoint", "restart 2 of 3, from the last checkpoint");
        assertThat(losses(trained("broken"))).isEqualTo(losses(trained("whole")));
        assertThat(weights(trained("broken"))).isEqualTo(weights(trained("whole")));
    }

    @Test
    void sharedOptimizerStateGoesOnInMoreProcessesAndInOne() throws IOException, InterruptedException {
        Ended alone = run("train", recipe(), "--runs", runs("alone"));
        assertThat(alone.status()).as(alone.errors()).isZero();
        String every = "-Dshoestring.timeoutSeconds=20 -Dshoestring.checkpointSeconds=0";
        Started two = start(
                Map.of(),
                every,
                "launch",
                "-n",
                "2",
                "--restarts",
                "0",
                "--",
                "train",
                recipe(),
                "--runs",
                runs("broken"),
                "--set",
                "distributed.shard=optimizer");
        killWithCheckpoint(two.process(), "1", 12);
        assertThat(ended(two).status()).isNotZero();
        String run = trained("broken").toString();
        Started three = start(Map.of(), every, "launch", "-n", "3", "--restarts", "0", "--", "train", "--resume", run);
        killWithCheckpoint(three.process(), "2", 24);
        assertThat(ended(three).status()).isNotZero();
        Ended one = run("train", "--resume", run);
        assertThat(one.status()).as(one.errors()).isZero();
        List<Double> expected = losses(trained("alone"));
        List<Double> found = losses(trained("broken"));
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-5));
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aSignalSavesAndSaysHowToGoOn() throws IOException, InterruptedException {
        Started started = start(
                Map.of(),
                "",
                "launch",
                "-n",
                "2",
                "--",
                "train",
                recipe(),
                "--runs",
                runs("broken"),
                "--set",
                "schedule.epochs=50");
        await(started.process(), 5);
        started.process().destroy();
        Ended ended = ended(started);
        assertThat(ended.status()).as(ended.errors()).isEqualTo(3);
        assertThat(ended.out()).contains("Interrupted, everything is saved", "--resume");
    }

    @Test
    void localStepsAndCompressionLearnAsMuch() throws IOException, InterruptedException {
        Ended one = run("train", recipe(), "--runs", runs("alone"), "--json");
        assertThat(one.status()).as(one.errors()).isZero();
        Ended local = run(
                "launch",
                "-n",
                "2",
                "--",
                "train",
                recipe(),
                "--runs",
                runs("local"),
                "--json",
                "--set",
                "distributed.local_steps=4",
                "--set",
                "distributed.fragments=2",
                "--set",
                "distributed.compress=bf16");
        assertThat(local.status()).as(local.errors()).isZero();
        ObjectMapper json = new ObjectMapper();
        JsonNode alone = json.readTree(one.out());
        JsonNode together = json.readTree(local.out());
        assertThat(together.path("steps")).isEqualTo(alone.path("steps"));
        // Untrained, a byte costs ln 256 = 5.5 nats. Workers that went their own ways, or a mean of the wrong sign,
        // would stay near it.
        assertThat(together.path("value").asDouble())
                .isLessThan(1.1 * alone.path("value").asDouble());
        assertThat(weights(trained("local"))).isNotEqualTo(weights(trained("alone")));
    }

    /** Kills the process of a rank once the run has come to a step. */
    private void kill(Process launcher, String rank, int step) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (System.nanoTime() < until) {
            await(launcher, step);
            for (ProcessHandle child : launcher.children().toList()) {
                if (rankOf(child).equals(rank)) {
                    child.destroyForcibly();
                    return;
                }
            }
        }
        throw new AssertionError("rank " + rank + " was not found");
    }

    /** As the other, when a checkpoint is there to go on from. */
    private void killWithCheckpoint(Process launcher, String rank, int step) throws IOException, InterruptedException {
        await(launcher, step);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (new Checkpoints(trained("broken").resolve("checkpoints"))
                .newest()
                .isEmpty()) {
            assertThat(System.nanoTime()).as("a checkpoint comes").isLessThan(until);
            Thread.sleep(20);
        }
        kill(launcher, rank, step);
    }

    /** Waits until the run has come to a step. */
    private void await(Process launcher, int step) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (System.nanoTime() < until && launcher.isAlive()) {
            Path metrics = Files.isDirectory(folder.resolve("broken"))
                    ? trained("broken").resolve("metrics.jsonl")
                    : folder.resolve("none");
            if (Files.exists(metrics) && Files.readAllLines(metrics).size() >= step) {
                return;
            }
            Thread.sleep(20);
        }
        throw new AssertionError("the run did not come to step " + step);
    }

    private static String rankOf(ProcessHandle process) throws IOException {
        Path environment = Path.of("/proc", Long.toString(process.pid()), "environ");
        if (!Files.exists(environment)) {
            return "";
        }
        return Arrays.stream(Files.readString(environment).split("\0"))
                .filter(one -> one.startsWith("RANK="))
                .map(one -> one.substring("RANK=".length()))
                .findFirst()
                .orElse("");
    }

    @Test
    void aRankWithAnotherSecretOrAnotherSeedIsRefusedByName() throws IOException, InterruptedException {
        int port = freePort();
        Started first = member(port, "0", "right", "--seed", "1");
        Ended stranger = ended(member(port, "1", "wrong", "--seed", "1"));
        Ended host = ended(first);
        assertThat(host.status()).as(host.errors()).isEqualTo(2);
        assertThat(host.errors()).contains("SHOESTRING_JOB_SECRET: rank 1 on");
        assertThat(stranger.status()).as(stranger.errors()).isEqualTo(2);
        assertThat(stranger.errors()).contains("SHOESTRING_JOB_SECRET: rank 1 on");

        int again = freePort();
        Started second = member(again, "0", "right", "--seed", "1");
        Ended seeded = ended(member(again, "1", "right", "--seed", "2"));
        Ended asked = ended(second);
        assertThat(asked.status()).as(asked.errors()).isEqualTo(2);
        assertThat(asked.errors()).contains("has another seed (2) than rank 0 (1)");
        assertThat(seeded.status()).as(seeded.errors()).isEqualTo(2);
        assertThat(seeded.errors()).contains("has another seed (2) than rank 0 (1)");
    }

    private Started member(int port, String rank, String secret, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("train", recipe(), "--runs", runs("refused")));
        arguments.addAll(List.of(more));
        return start(
                Map.of(
                        "RANK",
                        rank,
                        "WORLD_SIZE",
                        "2",
                        "MASTER_ADDR",
                        "127.0.0.1",
                        "MASTER_PORT",
                        Integer.toString(port),
                        "SHOESTRING_JOB_SECRET",
                        secret),
                "",
                arguments.toArray(String[]::new));
    }

    private static int freePort() throws IOException {
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
