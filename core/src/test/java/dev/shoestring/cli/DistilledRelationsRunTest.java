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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier of texts that learns another's attention relations, in a recipe of one's own. */
final class DistilledRelationsRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void trainTheTeacher() throws IOException {
        List<String> csv = new ArrayList<>(List.of("body,topic"));
        for (int i = 0; i < 160; i++) {
            csv.add(
                    i % 2 == 0
                            ? "the invoice number " + i + " was charged twice refund the payment,billing"
                            : "the app number " + i + " crashes on start,bug");
        }
        Files.write(folder.resolve("tickets.csv"), csv);
        Files.writeString(folder.resolve("teacher.yaml"), recipe(24));
        Cli cli = train("teacher.yaml");
        assertThat(cli.status()).as(cli.err()).isZero();
        Files.writeString(
                folder.resolve("student.yaml"),
                recipe(16)
                        + "distill: {teacher: \"%s\"}\n"
                                .formatted(folder.resolve("runs/latest").toRealPath()));
    }

    private static String recipe(int width) {
        return """
                task: text-classification
                model: {fresh: bert, tokenizer: "%s", layers: 2, hidden_size: %d, num_heads: 4, intermediate_size: 32}
                data: {train: "%s", text: body, label: topic, validation: 0.2, max_tokens: 24}
                adapt: full
                baseline: false
                batch: {global: 8}
                schedule: {kind: warmup-linear, epochs: 1, warmup: 0.1}
                """.formatted(RealModel.REFERENCE, width, folder.resolve("tickets.csv"));
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

    private static JsonNode summary(Cli cli) throws IOException {
        assertThat(cli.status()).as(cli.err()).isZero();
        return JSON.readTree(cli.out());
    }

    private static byte[] model() throws IOException {
        return Files.readAllBytes(folder.resolve("runs/latest/model/model.safetensors"));
    }

    @Test
    void theTeacherReadsAlong() throws IOException {
        JsonNode without = summary(train("student.yaml"));
        byte[] plain = model();
        Cli cli = train("student.yaml", "--set", "distill.relations_weight=1", "--set", "distill.relation_layer=1");
        JsonNode with = summary(cli);
        // Both widths divide by 4 and 8, but the teacher has 4 heads.
        assertThat(cli.err())
                .contains(
                        "the teacher reads along up to layer 1 of 2 for its attention relations, in 4 relation heads");
        byte[] first = model();
        assertThat(first).isNotEqualTo(plain).hasSameSizeAs(plain);
        assertThat(with.path("flops").asDouble())
                .isGreaterThan(1.2 * without.path("flops").asDouble());
        summary(train("student.yaml", "--set", "distill.relations_weight=1", "--set", "distill.relation_layer=1"));
        assertThat(model()).isEqualTo(first);
        Cli plan = Cli.run(
                "plan", folder.resolve("student.yaml").toString(), "--json", "--set", "distill.relations_weight=1");
        assertThat(plan.out()).contains("then reads along for its attention's relations");
    }

    @Test
    void badInputIsOneMessageBeforeARunFolderIsMade() throws IOException {
        long runs = runs();
        refused("distill.relation_heads: must divide the widths of both, 16 of the model and 24", "relation_heads=3");
        refused("but is 3; possible: [1, 2, 4, 8]", "relation_heads=3");
        refused("distill.relation_layer: must be at most 2, the layers of the teacher", "relation_layer=3");
        Cli unused = train("student.yaml", "--set", "distill.relation_heads=4");
        assertThat(unused.err()).contains("distill.relation_heads", "with distill.relations_weight: 0");
        Cli negative = train("student.yaml", "--set", "distill.relations_weight=-1");
        assertThat(negative.err()).contains("distill.relations_weight");
        assertThat(runs()).isEqualTo(runs);
    }

    private static void refused(String message, String setting) {
        Cli cli = train("student.yaml", "--set", "distill.relations_weight=1", "--set", "distill." + setting);
        assertThat(cli.status()).isEqualTo(2);
        assertThat(cli.err()).contains(message);
    }

    private static long runs() throws IOException {
        try (var runs = Files.list(folder.resolve("runs"))) {
            return runs.count();
        }
    }

    /** A teacher whose tokenizer lacks a word's piece, so that it cuts that word into several. */
    @Test
    void aTeacherThatCutsTextsDifferentlyIsRefused() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));
        Path model = folder.resolve("student.yaml");
        String teacher = Files.readString(model)
                .replaceAll("(?s).*teacher: \"([^\"]*)\".*", "$1")
                .strip();
        try (var files = Files.list(Path.of(teacher, "model"))) {
            for (Path file : files.toList()) {
                Files.copy(file, other.resolve(file.getFileName()));
            }
        }
        Path json = other.resolve("tokenizer.json");
        Files.writeString(json, Files.readString(json).replace("\"number\"", "\"numberesque\""));
        Cli cli = train("student.yaml", "--set", "distill.relations_weight=1", "--set", "distill.teacher=" + other);
        assertThat(cli.status()).isEqualTo(2);
        assertThat(cli.err())
                .contains("distill.relations_weight: must be 0 where the two cut texts differently", "training text")
                .doesNotContain("computing the teacher's answers");
    }
}
