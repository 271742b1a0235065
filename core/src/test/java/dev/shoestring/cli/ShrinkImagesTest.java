package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Images of one's own, a network trained on them, and a smaller one made of it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ShrinkImagesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void draw() throws IOException {
        Random random = new Random(1);
        for (String label : new String[] {"upright", "flat"}) {
            Path into = Files.createDirectories(folder.resolve("photos").resolve(label));
            for (int i = 0; i < 80; i++) {
                BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
                int bar = random.nextInt(14);
                for (int at = 0; at < 256; at++) {
                    int along = label.equals("upright") ? at % 16 : at / 16;
                    boolean lit = along == bar || along == bar + 1;
                    image.setRGB(at % 16, at / 16, 0x010101 * ((lit ? 150 : 0) + random.nextInt(60)));
                }
                ImageIO.write(image, "png", into.resolve(i + ".png").toFile());
            }
        }
        Files.writeString(folder.resolve("bars.yaml"), recipe("resnet20", "photos"));
        Files.writeString(folder.resolve("vit.yaml"), recipe("vit_tiny_patch16", "photos"));
    }

    private static String recipe(String network, String photos) {
        return """
                task: image-classification
                model: {fresh: %s}
                data: {train: "%s", size: 16, validation: 0.2, test: 0.1}
                adapt: full
                batch: {global: 16}
                optimizer: {kind: muon, lr: 0.1, head_lr: 0.01, momentum: 0.6}
                schedule: {kind: warmup-linear, epochs: 6, warmup: 0.1}
                """.formatted(network, folder.resolve(photos));
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static Cli shrink(String recipe, String target, String work, String... further) {
        List<String> arguments = new ArrayList<>(List.of("shrink", "--runs", path("runs"), "--folder", path(work)));
        arguments.addAll(List.of(path(recipe), "--target", target, "--epochs", "3", "--set", "baseline=false"));
        arguments.addAll(List.of(further));
        return Cli.run(arguments.toArray(new String[0]));
    }

    @Test
    @Order(1)
    void trainsTheRecipeAndMakesItSmaller() throws IOException {
        Cli cli = shrink("bars.yaml", "0.5x", "work", "--json");
        assertThat(cli.status()).as(cli.err()).isZero();
        assertThat(cli.err()).contains("first: training bars, predicted to take", "measuring what matters");
        JsonNode report = JSON.readTree(cli.out());
        double before = report.at("/original/flops").asDouble();
        double after = report.at("/result/flops").asDouble();
        assertThat(after).isBetween(0.2 * before, 0.5 * before);
        assertThat(report.at("/result/validation").asDouble()).isGreaterThan(0.9);
        assertThat(report.path("candidates").size()).isGreaterThan(8);
        Path run = folder.resolve("runs/latest");
        assertThat(List.of("report.html", "summary.json", "shrink.html", "shrink.json", "model/model.safetensors"))
                .allSatisfy(file -> assertThat(run.resolve(file)).isNotEmptyFile());
        assertThat(Files.readString(run.resolve("recipe.yaml"))).contains("distill", "temperature");
        JsonNode config = JSON.readTree(run.resolve("model/config.json").toFile());
        assertThat(config.path("architecture").asText()).isEqualTo("resnet20");
        assertThat(config.path("shoestring_shape").isObject()).isTrue();
        JsonNode summary = JSON.readTree(run.resolve("summary.json").toFile());
        assertThat(summary.at("/parameters/total").asLong())
                .isEqualTo(report.at("/result/parameters").asLong());
        // The plan of the healing counts what the healing did, the original's answers included.
        Cli planned = Cli.run("plan", run.resolve("recipe.yaml").toString(), "--json");
        assertThat(planned.status()).as(planned.err()).isZero();
        JsonNode plan = JSON.readTree(planned.out());
        assertThat(plan.at("/teacher/parameters").asLong())
                .isEqualTo(report.at("/original/parameters").asLong());
        assertThat(plan.at("/teacher/how").asText()).isEqualTo("answers each image once, before the first step");
        assertThat(plan.path("flops").asDouble())
                .isCloseTo(summary.path("flops").asDouble(), withPercentage(2));
        Cli predicted = Cli.run("predict", run.toString(), path("photos/flat/0.png"), path("photos/upright/0.png"));
        assertThat(predicted.out().lines().toList())
                .satisfiesExactly(line -> assertThat(line).contains("flat"), line -> assertThat(line)
                        .contains("upright"));
    }

    @Test
    @Order(2)
    void whatWasDoneIsNotDoneAgain() throws IOException {
        long runs;
        try (var all = Files.list(folder.resolve("runs"))) {
            runs = all.count();
        }
        Cli cli = shrink("bars.yaml", "0.5x", "work");
        assertThat(cli.status()).as(cli.err()).isZero();
        assertThat(cli.err()).doesNotContain("healing briefly");
        assertThat(cli.out()).contains("photo.jpg");
        try (var all = Files.list(folder.resolve("runs"))) {
            assertThat(all.count()).isEqualTo(runs);
        }
    }

    @Test
    @Order(3)
    void aSmallerNetworkIsCutAgainAndTaughtByAnyRun() throws IOException {
        Path smaller = folder.resolve("runs/latest").toRealPath();
        Cli again = shrink("bars.yaml", "0.6x", "again", "--model", smaller.toString(), "--json");
        assertThat(again.status()).as(again.err()).isZero();
        JsonNode report = JSON.readTree(again.out());
        assertThat(report.at("/result/flops").asDouble())
                .isLessThanOrEqualTo(0.6 * report.at("/original/flops").asDouble());
        JsonNode shape =
                JSON.readTree(smaller.resolve("model/config.json").toFile()).path("shoestring_shape");
        Files.writeString(
                folder.resolve("direct.yaml"),
                recipe("resnet20", "photos")
                                .replace(
                                        "{fresh: resnet20}",
                                        "{fresh: resnet20, blocks: "
                                                + (shape.path("blocks").isMissingNode()
                                                        ? "[3, 3, 3]"
                                                        : shape.path("blocks"))
                                                + ", channels: "
                                                + shape.path("channels") + "}")
                        + "distill: {teacher: \"" + smaller + "\", temperature: 4}\n");
        Cli direct =
                Cli.run("train", path("direct.yaml"), "--runs", path("direct"), "--set", "baseline=false", "--json");
        assertThat(direct.status()).as(direct.err()).isZero();
        JsonNode summary = JSON.readTree(direct.out());
        assertThat(summary.at("/parameters/total").asLong())
                .isEqualTo(JSON.readTree(smaller.resolve("summary.json").toFile())
                        .at("/parameters/total")
                        .asLong());
    }

    @Test
    @Order(4)
    void whatCannotBeCutIsNamed() throws IOException {
        String smaller = folder.resolve("runs/latest").toRealPath().toString();
        assertBad(
                shrink("vit.yaml", "0.5x", "vit"),
                "shrink: vit: the architecture \"vit_tiny_patch16\" has no channels that can be cut out; this version cuts slimnet, resnet and mobilenetv2");
        assertBad(
                shrink("bars.yaml", "0.001x", "tiny", "--model", smaller),
                "--target: 0.001x the operations is smaller than the smallest network that can be cut");
        assertBad(
                shrink("bars.yaml", "0.5x", "words", "--model", smaller, "--cut-vocabulary"),
                "--cut-vocabulary: has an effect on classifiers of texts alone");
        Files.createDirectories(folder.resolve("others"));
        for (String label : List.of("upright", "flat")) {
            Files.move(
                    folder.resolve("photos").resolve(label),
                    folder.resolve("others").resolve("not-" + label));
        }
        Files.writeString(folder.resolve("others.yaml"), recipe("resnet20", "others"));
        assertBad(
                shrink("others.yaml", "0.5x", "other", "--model", smaller),
                "tells apart [flat, upright], but the data of others has [not-flat, not-upright]");
        Files.writeString(
                folder.resolve("taught.yaml"),
                recipe("resnet20", "others") + "distill: {teacher: \"" + smaller + "\"}\n");
        assertBad(
                Cli.run("train", path("taught.yaml"), "--runs", path("taught")),
                "tells apart [flat, upright], but the data has [not-flat, not-upright]");
    }

    private static void assertBad(Cli cli, String message) {
        assertThat(cli.err()).contains(message);
        assertThat(cli.status()).isEqualTo(ExitStatus.BAD_INPUT);
    }
}
