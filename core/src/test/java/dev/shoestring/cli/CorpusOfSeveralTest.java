package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A corpus of several places: {@code data.train} and {@code data.more}. */
final class CorpusOfSeveralTest {
    private static final int LINES = 400;

    private final Path folder;

    CorpusOfSeveralTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private String recipe(String more) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            lines.append("line ").append(i).append(" of the first text\n");
        }
        Path train = Files.writeString(folder.resolve("first.txt"), lines);
        return Files.writeString(folder.resolve("recipe.yaml"), """
                        task: language-model
                        model: {fresh: llama, vocabulary: 256, layers: 1, hidden_size: 16, num_heads: 1, intermediate_size: 16}
                        data: {train: "%s", more: %s, document: line, validation: 0, sequence_length: 32}
                        batch: {global: 8}
                        schedule: {epochs: 0.1}
                        """.formatted(train, more))
                .toString();
    }

    private Path archive() throws IOException {
        Path jar = folder.resolve("code.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String name : new String[] {"A.java", "B.java", "A.class"}) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(("class " + name + " {}").getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    @Test
    void allOfThemAreRead() throws IOException {
        Path second = Files.writeString(folder.resolve("second.txt"), "one more line\nand a second one\n");
        String runs = folder.resolve("runs").toString();
        String more = "[\"%s\", \"%s\"]".formatted(second, archive());
        Cli result = Cli.run("train", recipe(more), "--runs", runs);

        assertThat(result.status()).as(result.err()).isZero();
        // The class file is no text.
        assertThat(result.err()).contains("data: " + (LINES + 2 + 2) + " documents");
    }

    @Test
    void onlyFilesWithTheEndingsThatAreNamed() throws IOException {
        String runs = folder.resolve("runs").toString();
        String more = "[\"" + archive() + "\"]";
        Cli none = Cli.run("train", recipe(more), "--runs", runs, "--set", "data.extensions=[.kt]");
        assertThat(none.status()).isEqualTo(2);
        assertThat(none.err()).contains("code.jar").contains(".kt");
        Cli java = Cli.run("train", recipe(more), "--runs", runs, "--set", "data.extensions=[.java]");
        assertThat(java.status()).as(java.err()).isZero();
        assertThat(java.err()).contains("data: " + (LINES + 2) + " documents");
    }

    @Test
    void whatIsNotThereIsNamed() throws IOException {
        Cli result =
                Cli.run("train", recipe("[\"" + folder.resolve("missing.jar") + "\"]"), "--runs", folder + "/runs");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("missing.jar");
    }

    @Test
    void malformedListsAreRefused() throws IOException {
        for (String more : new String[] {"text.txt", "[3]", "[\"maven:one:two\"]", "[\"maven:a:b:../c\"]"}) {
            Cli result = Cli.run("train", recipe(more));
            assertThat(result.status()).as(more).isEqualTo(2);
            assertThat(result.err()).contains("data.more").contains("maven:GROUP:ARTIFACT:VERSION");
        }
    }
}
