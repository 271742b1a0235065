package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model that learns from another's answers, in a recipe of one's own. */
final class DistilledLanguageRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] ANIMALS = {"cat", "dog", "cow", "owl", "fox"};

    @TempDir
    private static Path folder = Path.of("");

    private static Path teacher = Path.of("");

    @BeforeAll
    static void trainTheTeacher() throws IOException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(4);
        for (int i = 0; i < 1500; i++) {
            text.append("The ").append(ANIMALS[random.nextInt(ANIMALS.length)]).append(" is here. ");
        }
        Files.writeString(folder.resolve("corpus.txt"), text);
        Files.writeString(folder.resolve("teacher.yaml"), recipe("vocabulary: 300, layers: 2, hidden_size: 32"));
        Cli cli = train("teacher.yaml");
        assertThat(cli.status()).as(cli.err()).isZero();
        teacher = folder.resolve("runs/latest").toRealPath();
        Files.writeString(folder.resolve("student.yaml"), student());
    }

    private static String recipe(String model) {
        return """
                task: language-model
                model: {fresh: llama, %s, num_heads: 2, intermediate_size: 64}
                data: {train: "%s", validation: 0.1, sequence_length: 32}
                batch: {global: 8, micro: 4}
                optimizer: {kind: adamw, lr: 5.0e-3, head_lr: 5.0e-3}
                schedule: {kind: trapezoid, epochs: 3, warmup: 0.05}
                """.formatted(model, folder.resolve("corpus.txt"));
    }

    private static String student() {
        return recipe("tokenizer: \"%s\", layers: 1, hidden_size: 24, head_dim: 16".formatted(teacher.resolve("model")))
                + "distill: {teacher: \"%s\"}\n".formatted(teacher);
    }

    private static Cli train(String recipe, String... further) {
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                folder.resolve(recipe).toString(),
                "--runs",
                folder.resolve("runs").toString(),
                "--json"));
        arguments.addAll(List.of(further));
        return Cli.run(arguments.toArray(new String[0]));
    }

    private static double loss(Cli cli) throws IOException {
        assertThat(cli.status()).as(cli.err()).isZero();
        JsonNode summary = JSON.readTree(cli.out());
        assertThat(summary.path("metric").asText()).isEqualTo("loss");
        return summary.path("value").asDouble();
    }

    @Test
    void theTeacherReadsAlongOrItsAnswersAreKept() throws IOException {
        double along = loss(train("student.yaml", "--set", "distill.top_k=32"));
        Path run = folder.resolve("runs/latest").toRealPath();
        JsonNode config = JSON.readTree(run.resolve("model/config.json").toFile());
        assertThat(config.path("hidden_size").asInt()).isEqualTo(24);
        assertThat(config.path("head_dim").asInt()).isEqualTo(16);
        // Which of five animals comes is all there is to guess: log(5) nats in each sentence of some four tokens.
        assertThat(along).isBetween(0.2, 1.2);
        String answers = folder.resolve("kept/answers.safetensors").toString();
        Cli first = train("student.yaml", "--set", "distill.scores=" + answers);
        assertThat(first.err()).contains("computing the teacher's answers once: the 32 likeliest pieces");
        // Later epochs have the first one's rows, so it is not the same run.
        assertThat(loss(first)).isBetween(0.2, 1.2);
        Cli second = train("student.yaml", "--set", "distill.scores=" + answers);
        assertThat(second.err()).doesNotContain("computing the teacher's answers");
        assertThat(loss(second)).isEqualTo(loss(first));
    }

    /** Through a matrix, for the teacher is wider: it is learnt, and is no part of the model. */
    @Test
    void hiddenStatesAreLearntFromATeacherThatReadsAlong() throws IOException {
        Cli without = train("student.yaml");
        byte[] plain = model();
        Cli cli = train("student.yaml", "--set", "distill.hidden_weight=0.5");
        assertThat(loss(cli)).isBetween(0.2, 1.2).isNotEqualTo(loss(without));
        JsonNode summary = JSON.readTree(cli.out());
        assertThat(summary.path("parameters").path("trained").asLong())
                .isEqualTo(summary.path("parameters").path("total").asLong());
        assertThat(summary.path("flops").asDouble())
                .isGreaterThan(JSON.readTree(without.out()).path("flops").asDouble());
        byte[] first = model();
        assertThat(first).hasSameSizeAs(plain).isNotEqualTo(plain);
        assertThat(new String(first, 0, 4000, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("model.norm.weight")
                .doesNotContain("distill.");
        loss(train("student.yaml", "--set", "distill.hidden_weight=0.5", "--set", "optimizer.kind=muon"));
        loss(train("student.yaml", "--set", "distill.hidden_weight=0.5"));
        assertThat(model()).isEqualTo(first);
    }

    private static byte[] model() throws IOException {
        return Files.readAllBytes(folder.resolve("runs/latest/model/model.safetensors"));
    }

    private static JsonNode plan(String... further) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("plan", folder.resolve("student.yaml").toString(), "--json"));
        arguments.addAll(List.of(further));
        Cli cli = Cli.run(arguments.toArray(new String[0]));
        assertThat(cli.status()).as(cli.err()).isZero();
        return JSON.readTree(cli.out());
    }

    private static double flops(String... further) throws IOException {
        Cli cli = train("student.yaml", further);
        assertThat(cli.status()).as(cli.err()).isZero();
        return JSON.readTree(cli.out()).path("flops").asDouble();
    }

    @Test
    void thePlanCountsWhatTheTeacherDoes() throws IOException {
        Files.writeString(folder.resolve("alone.yaml"), student().replaceFirst("(?m)^distill:.*$", ""));
        Cli untaught = train("alone.yaml");
        assertThat(untaught.status()).as(untaught.err()).isZero();
        double alone = JSON.readTree(untaught.out()).path("flops").asDouble();
        String answers = folder.resolve("planned.safetensors").toString();
        String kept = "distill.scores=" + answers;
        JsonNode along = plan();
        JsonNode written = plan("--set", kept);
        // How many tokens there are is assumed; how many operations the teacher has beside the student's is not.
        assertThat(share(along)).isCloseTo(flops() / alone - 1, withPercentage(1));
        assertThat(share(written)).isCloseTo(flops("--set", kept) / alone - 1, withPercentage(1));
        JsonNode known = plan("--set", kept);
        assertThat(known.at("/teacher/flops").asDouble()).isZero();
        // Nothing is left but what later epochs' other cuts of the text come to.
        assertThat(flops("--set", kept)).isCloseTo(alone, withPercentage(0.1));
        assertThat(known.at("/teacher/how").asText()).contains("taken from " + answers);
        assertThat(along.at("/teacher/how").asText()).isEqualTo("reads along, each row 3.00 times");
        assertThat(written.at("/teacher/how").asText()).contains("reads each row once; its 32 likeliest pieces");
        for (JsonNode plan : List.of(along, written)) {
            assertThat(plan.at("/seconds_parts/the teacher").asDouble())
                    .isPositive()
                    .isEqualTo(plan.at("/teacher/seconds").asDouble());
        }
        assertThat(along.at("/memory_parts_bytes/the teacher").asDouble()).isPositive();
        assertThat(along.at("/advice/0/technique").asText()).contains("distill.scores");
        assertThat(along.at("/advice/0/verdict").asText()).isEqualTo("pays");
    }

    /** The teacher's operations for each of the student's. */
    private static double share(JsonNode plan) {
        double teacher = plan.at("/teacher/flops").asDouble();
        return teacher / (plan.path("flops").asDouble() - teacher);
    }

    @Test
    void badInputIsOneMessage() throws IOException {
        Cli nobody = train("student.yaml", "--set", "distill.teacher=nowhere");
        assertThat(nobody.status()).isEqualTo(2);
        assertThat(nobody.err()).contains("nowhere: there is no such run");
        Cli updates = train("student.yaml", "--set", "adapt=lora");
        assertThat(updates.err()).contains("distill", "nearest: adapt: full");
        Cli unused = train("student.yaml", "--set", "z_loss=1e-4", "--set", "distill.unlabelled=1");
        assertThat(unused.err()).contains("z_loss", "with distill", "distill.unlabelled");
        Cli kept = train("student.yaml", "--set", "distill.hidden_weight=1", "--set", "distill.scores=a.safetensors");
        assertThat(kept.status()).isEqualTo(2);
        assertThat(kept.err())
                .contains("distill.hidden_weight", "needs a teacher that reads along, for its states fit on no disk");
        Cli shorter = train(
                "student.yaml",
                "--set",
                "distill.scores=a.safetensors",
                "--set",
                "sequence_warmup={from: 8, until: 0.3}");
        assertThat(shorter.err()).contains("sequence_warmup", "with distill.scores");
        Files.writeString(
                folder.resolve("stranger.yaml"),
                recipe("vocabulary: 260, layers: 1, hidden_size: 24")
                        + "distill: {teacher: \"%s\"}\n".formatted(teacher));
        Cli stranger = train("stranger.yaml");
        assertThat(stranger.status()).isEqualTo(2);
        assertThat(stranger.err()).contains("has another tokenizer than the model that learns from it");
    }
}
