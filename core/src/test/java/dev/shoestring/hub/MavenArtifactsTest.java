package dev.shoestring.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MavenArtifactsTest {
    private static final String LOCAL = "maven.repo.local";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path repository;

    private final @Nullable String before = System.getProperty(LOCAL);

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(LOCAL);
        } else {
            System.setProperty(LOCAL, before);
        }
    }

    private static Path resolve(String coordinates) {
        return MavenArtifacts.resolve(coordinates, (what, done, total) -> {});
    }

    @Test
    void theLocalRepositoryComesFirstAndItsChecksumMustFit() throws IOException {
        System.setProperty(LOCAL, repository.toString());
        Path folder = Files.createDirectories(repository.resolve("org/some/thing/1.0"));
        Path jar = Files.writeString(folder.resolve("thing-1.0.jar"), "abc");
        assertThat(resolve("org.some:thing:1.0")).isEqualTo(jar);
        // SHA-1 of "abc", FIPS 180-2, appendix A.1
        Files.writeString(folder.resolve("thing-1.0.jar.sha1"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assertThat(resolve("org.some:thing:1.0")).isEqualTo(jar);
        Files.writeString(jar, "abd");
        assertThatThrownBy(() -> resolve("org.some:thing:1.0"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is damaged");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "a:b",
                "a:b:",
                "a:b:c:d:e:f",
                "../a:b:1",
                "a:b/../c:1",
                "a:b:${x}",
                "a b:c:1",
                "a:b:../1"
            })
    void malformedCoordinatesAreRefused(String coordinates) {
        System.setProperty(LOCAL, repository.toString());
        assertThatThrownBy(() -> resolve(coordinates))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("maven:");
    }
}
