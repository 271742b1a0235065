package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A folder of images as a user has it: discs, rings and bars of any colour, anywhere in noise. */
final class OwnPhotosTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @BeforeAll
    static void draw() throws IOException {
        Random random = new Random(1);
        for (String label : new String[] {"disc", "ring", "bar"}) {
            Files.createDirectories(folder.resolve("photos").resolve(label));
            for (int i = 0; i < 60; i++) {
                BufferedImage image = new BufferedImage(40, 36, BufferedImage.TYPE_INT_RGB);
                for (int at = 0; at < 40 * 36; at++) {
                    image.setRGB(at % 40, at / 40, 0x010101 * random.nextInt(60));
                }
                Graphics2D graphics = image.createGraphics();
                graphics.setColor(Color.getHSBColor(random.nextFloat(), 0.7f, 1));
                int x = 6 + random.nextInt(8);
                int y = 4 + random.nextInt(8);
                switch (label) {
                    case "disc" -> graphics.fillOval(x, y, 18, 18);
                    case "ring" -> {
                        graphics.setStroke(new java.awt.BasicStroke(4));
                        graphics.drawOval(x, y, 18, 18);
                    }
                    default -> graphics.fillRect(x, y + 7, 20, 5);
                }
                graphics.dispose();
                ImageIO.write(
                        image,
                        i % 2 == 0 ? "png" : "jpg",
                        folder.resolve("photos")
                                .resolve(label)
                                .resolve(i + (i % 2 == 0 ? ".png" : ".jpg"))
                                .toFile());
            }
        }
    }

    private static Cli train(Path runs, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "--data",
                folder.resolve("photos").toString(),
                "--runs",
                runs.toString(),
                "--json",
                "--set",
                "data.size=32",
                "--set",
                "stop.evaluations_per_epoch=0.5",
                "--set",
                "schedule.min_steps=0"));
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }

    private static JsonNode summary(Cli result) throws IOException {
        assertThat(result.status()).as(result.err()).isZero();
        return JSON.readTree(result.out());
    }

    private static Path model() throws IOException {
        Path runs = folder.resolve("base");
        if (!Files.exists(runs)) {
            JsonNode summary = summary(train(runs, "--set", "model.width=8", "--set", "schedule.epochs=14"));
            assertThat(summary.path("task").asText()).isEqualTo("image-classification");
            assertThat(summary.path("value").asDouble()).isGreaterThan(0.8);
            assertThat(summary.path("flops").asDouble()).isPositive();
            assertThat(summary.path("baseline").path("name").asText()).isEqualTo("pixels");
        }
        return runs.resolve("latest");
    }

    @Test
    void aModelTrainedOnAFolderPredictsAndIsMeasured() throws IOException {
        Path run = model();
        assertThat(run.resolve("report.html")).content().contains("img-src data:", "pixels baseline");
        Path disc = folder.resolve("photos/disc/0.png");
        JsonNode prediction = JSON.readTree(
                Cli.run("predict", run.toString(), disc.toString(), "--json").out());
        assertThat(prediction.get(0).path("probabilities").size()).isEqualTo(3);
        JsonNode measured = JSON.readTree(Cli.run(
                        "eval",
                        run.toString(),
                        "--data",
                        folder.resolve("photos").toString(),
                        "--json")
                .out());
        assertThat(measured.path("examples").asInt()).isEqualTo(180);
        assertThat(measured.path("accuracy").asDouble()).isGreaterThan(0.85);
        Cli missing = Cli.run("predict", run.toString(), "nowhere.jpg");
        assertThat(missing.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(missing.err()).contains("nowhere.jpg: there is no such image");
        assertThat(Cli.run("predict", run.toString()).err()).contains("model of images");
    }

    @ParameterizedTest
    @ValueSource(strings = {"head", "gradual", "lora", "full"})
    void everyAdaptationStartsFromATrainedFolder(String adapt) throws IOException {
        Path model = model().resolve("model");
        String epochs = adapt.equals("head") ? "10" : "3";
        JsonNode summary = summary(train(
                folder.resolve(adapt),
                "--model",
                model.toString(),
                "--set",
                "adapt=" + adapt,
                "--set",
                "schedule.epochs=" + epochs,
                "--no-baseline"));
        assertThat(summary.path("value").asDouble()).isGreaterThan(0.7);
        long all = summary.path("parameters").path("total").asLong();
        long trained = summary.path("parameters").path("trained").asLong();
        switch (adapt) {
            case "head" -> assertThat(trained).isLessThan(all / 20);
            case "lora" -> assertThat(trained).isNotEqualTo(all);
            default -> assertThat(trained).isEqualTo(all);
        }
        Path saved = folder.resolve(adapt).resolve("latest");
        assertThat(Cli.run(
                                "eval",
                                saved.toString(),
                                "--data",
                                folder.resolve("photos").toString())
                        .out())
                .contains("180 examples");
    }

    /** Train on one size, save, open: what was reported is what is measured again. */
    @ParameterizedTest
    @ValueSource(strings = {"head", "lora", "full"})
    void aTransformerIsSavedAsItWasMeasured(String adapt) throws IOException {
        Path runs = folder.resolve("vit-base");
        if (!Files.exists(runs)) {
            summary(train(
                    runs,
                    "--set",
                    "model={fresh: vit_tiny_patch16}",
                    "--set",
                    "schedule.epochs=1",
                    "--set",
                    "optimizer={kind: adamw, lr: 1.0e-3}",
                    "--no-baseline"));
        }
        Path own = folder.resolve("vit-" + adapt);
        JsonNode summary = summary(train(
                own,
                "--model",
                runs.resolve("latest/model").toString(),
                "--set",
                "adapt=" + adapt,
                "--set",
                "data.size=48",
                "--set",
                "precision=fp32",
                "--set",
                "schedule.epochs=2",
                "--set",
                "data.test=0",
                "--set",
                "data.validation=" + folder.resolve("photos"),
                "--set",
                "data.train=" + other(),
                "--no-baseline"));
        JsonNode measured = JSON.readTree(Cli.run(
                        "eval",
                        own.resolve("latest").toString(),
                        "--data",
                        folder.resolve("photos").toString(),
                        "--json")
                .out());
        assertThat(measured.path("accuracy").asDouble())
                .isCloseTo(summary.path("value").asDouble(), org.assertj.core.api.Assertions.within(1e-9));
    }

    /** The same kinds of images, other pixels. */
    private static Path other() throws IOException {
        Path other = folder.resolve("other");
        for (String label : new String[] {"disc", "ring", "bar"}) {
            Files.createDirectories(other.resolve(label));
            for (int i = 0; i < 20; i += 2) {
                BufferedImage image = ImageIO.read(folder.resolve("photos")
                        .resolve(label)
                        .resolve(i + ".png")
                        .toFile());
                image.setRGB(0, 0, 0xffffff);
                ImageIO.write(
                        image, "png", other.resolve(label).resolve(i + ".png").toFile());
            }
        }
        return other;
    }

    @Test
    void aRunThatItsBudgetStoppedGoesOn() throws IOException {
        Path runs = folder.resolve("budget");
        Cli stopped = train(
                runs,
                "--set",
                "model.width=8",
                "--set",
                "schedule.epochs=6",
                "--set",
                "ema=0.9",
                "--set",
                "selective_backprop=0.5",
                "--set",
                "progressive_resizing={from: 0.5, until: 0.5}",
                "--set",
                "augment=[flip, trivial-augment, mixup]",
                "--set",
                "stop.budget.flops=1e9 FLOP",
                "--no-baseline");
        assertThat(stopped.status()).as(stopped.err()).isEqualTo(ExitStatus.STOPPED);
        Cli finished = Cli.run(
                "train", "--resume", runs.resolve("latest").toString(), "--set", "stop.budget.flops=", "--json");
        JsonNode summary = summary(finished);
        assertThat(summary.path("epochs").asDouble()).isEqualTo(6);
    }

    @Test
    void planAndPreviewNeedNoTraining() throws IOException {
        Path photos = folder.resolve("photos");
        Path recipe = folder.resolve("own.yaml");
        Files.writeString(recipe, """
                task: image-classification
                model: {fresh: resnet20}
                data: {train: "%s", size: 32}
                augment: [flip, crop, cutmix]
                """.formatted(photos));
        JsonNode plan =
                JSON.readTree(Cli.run("plan", recipe.toString(), "--json").out());
        assertThat(plan.path("parameters").asLong()).isEqualTo(272_019);
        assertThat(plan.path("examples").asDouble()).isEqualTo(144);
        Path sheet = folder.resolve("sheet.png");
        Cli preview = Cli.run("preview", recipe.toString(), "--out", sheet.toString(), "--json");
        assertThat(preview.status()).as(preview.err()).isZero();
        assertThat(preview.out()).containsPattern("0\\.\\d\\d (disc|ring|bar) \\+ 0\\.\\d\\d");
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isGreaterThan(700);
    }

    @Test
    void mistakesAreNamed() {
        Cli bad = Cli.run(
                "train",
                "--data",
                folder.resolve("photos").toString(),
                "--set",
                "augment=[flipp]",
                "--set",
                "ema=2",
                "--set",
                "data.max_tokens=3",
                "--set",
                "optimizer.kind=muonn");
        assertThat(bad.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(bad.err())
                .contains("augment[0]: has no choice \"flipp\"; nearest: flip")
                .contains("ema: must be")
                .contains("data.max_tokens: is not a key here")
                .contains("nearest: muon");
        Cli absent = Cli.run("train", "--data", folder.resolve("nothing").toString());
        assertThat(absent.status()).isEqualTo(ExitStatus.BAD_INPUT);
        Cli missing = Cli.run("train", "fashion", "--set", "data.from=debian:dataset-none");
        assertThat(missing.err()).contains("sudo apt install dataset-none");
    }
}
