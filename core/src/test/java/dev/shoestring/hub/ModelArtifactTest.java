package dev.shoestring.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelArtifactTest {
    private static final String LOCAL = "maven.repo.local";
    private static final String COORDINATES = "org.example:tiny-model:1.0";
    private static final int MUTATIONS = 1000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final @Nullable String before = System.getProperty(LOCAL);

    @BeforeEach
    void own() {
        System.setProperty(LOCAL, folder.resolve("repository").toString());
    }

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(LOCAL);
        } else {
            System.setProperty(LOCAL, before);
        }
    }

    @Test
    void whatIsWrittenIsOpenedByItsCoordinates() throws IOException {
        Path jar = write();
        assertThat(jar).endsWith(Path.of("org/example/tiny-model/1.0/tiny-model-1.0.jar"));
        for (String ending : List.of(".jar.sha1", ".jar.md5", ".jar.sha256", ".pom", ".pom.sha1")) {
            assertThat(jar.resolveSibling("tiny-model-1.0" + ending)).exists();
        }
        try (ModelFiles files = Models.open("maven:" + COORDINATES, Progress.silent())) {
            assertThat(files.config().path("model_type").asText()).isEqualTo("llama");
            ByteBuffer values = files.weights().read("a").order(ByteOrder.LITTLE_ENDIAN);
            assertThat(values.getFloat(4)).isEqualTo(7f);
            Weights.Place place = files.weights().place("a").orElseThrow();
            assertThat(place.file()).isEqualTo(jar);
            assertThat(place.offset() % 8).isZero(); // a multiple of 64, then a header that is a multiple of 8
            byte[] whole = Files.readAllBytes(jar);
            assertThat(ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getFloat((int) place.offset() + 4))
                    .isEqualTo(7f);
        }
        assertThat(Models.beside("maven:" + COORDINATES, List.of("tokenizer.json", "LICENSE"), Progress.silent()))
                .containsOnlyKeys("tokenizer.json");
    }

    @Test
    void theSameModelGivesTheSameJar() throws IOException {
        byte[] first = Files.readAllBytes(write());
        assertThat(Files.readAllBytes(write())).isEqualTo(first);
    }

    @Test
    void compressedWeightsAreRefused() throws IOException {
        Path jar = folder.resolve("repository/org/example/tiny-model/1.0/tiny-model-1.0.jar");
        Files.createDirectories(jar.getParent());
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
                zip.putNextEntry(new ZipEntry("model/" + name));
                zip.write("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        assertThatThrownBy(() -> Models.open("maven:" + COORDINATES, Progress.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model/model.safetensors is compressed and cannot be read where it lies");
    }

    @Test
    void mutatedJarsAreReadOrRefused() throws IOException {
        Path jar = write();
        byte[] whole = Files.readAllBytes(jar);
        for (String ending : List.of(".sha1", ".md5", ".sha256")) {
            Files.delete(jar.resolveSibling(jar.getFileName() + ending));
        }
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = whole.clone();
            for (int change = 0; change <= i % 4; change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Files.write(jar, i % 5 == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
            try (ModelFiles files = Models.open("maven:" + COORDINATES, Progress.silent())) {
                files.weights().tensors().keySet().forEach(files.weights()::read);
            } catch (InputException expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS - 1);
    }

    private Path write() throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"llama\"}");
        Files.writeString(model.resolve("tokenizer.json"), "{}");
        ByteBuffer values = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
        values.putFloat(4, 7f);
        Safetensors.write(
                model.resolve("model.safetensors"),
                Map.of(),
                List.of(new Safetensors.TensorData(new TensorInfo("a", ElementType.F32, List.of(2L)), values)));
        return ModelArtifact.write(folder.resolve("repository"), model, COORDINATES, Progress.silent());
    }
}
