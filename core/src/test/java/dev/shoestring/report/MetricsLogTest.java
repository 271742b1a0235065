package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsLogTest {
    private final Path folder;

    MetricsLogTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void linesAreInTheFileBeforeItIsClosed() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsLog log = MetricsLog.create(file)) {
            log.append(step(1));
            assertThat(Files.readString(file))
                    .isEqualTo("{\"event\":\"step\",\"step\":1,\"seconds\":0.5,\"loss\":2.5,\"lr\":1.0E-4,"
                            + "\"gradient_norm\":1.0,\"examples\":32,\"tokens\":450,\"tokens_per_second\":5000.0,"
                            + "\"money\":1.0E-5}\n");
        }
    }

    @Test
    void whatIsWrittenIsRead() {
        Path file = folder.resolve("metrics.jsonl");
        MetricsLine diverged = new MetricsLine.Step(3, 1, Double.NaN, 1e-4, Double.NaN, 32, 450, 5_000, 0);
        try (MetricsLog log = MetricsLog.create(file)) {
            log.append(step(1));
            log.append(evaluation(1));
            log.append(diverged);
        }
        assertThat(MetricsLog.read(file)).containsExactly(step(1), evaluation(1), diverged);
    }

    @Test
    void resumedRunHasOneLineAStep() {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsLog log = MetricsLog.create(file)) {
            for (int i = 1; i <= 10; i++) {
                log.append(step(i));
            }
            log.append(evaluation(10));
        }
        try (MetricsLog log = MetricsLog.resume(file, 6)) {
            log.append(step(7));
        }
        assertThat(MetricsLog.read(file).stream().map(MetricsLine::step)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    }

    @Test
    void evaluationOfTheResumedStepStays() {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsLog log = MetricsLog.create(file)) {
            log.append(step(1));
            log.append(evaluation(1));
            log.append(step(2));
        }
        MetricsLog.resume(file, 1).close();
        assertThat(MetricsLog.read(file)).containsExactly(step(1), evaluation(1));
    }

    @Test
    void lineCutShortByACrashIsRemoved() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsLog log = MetricsLog.create(file)) {
            log.append(step(1));
        }
        Files.writeString(file, "{\"event\":\"step\",\"st", StandardOpenOption.APPEND);
        assertThat(MetricsLog.read(file)).containsExactly(step(1));
        try (MetricsLog log = MetricsLog.resume(file, 5)) {
            log.append(step(2));
        }
        assertThat(MetricsLog.read(file)).containsExactly(step(1), step(2));
    }

    @Test
    void foreignLinesEndTheLog() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        Files.writeString(file, "x".repeat(200_000) + "\n");
        assertThat(MetricsLog.read(file)).isEmpty();
        Files.writeString(file, "[1]\n");
        assertThat(MetricsLog.read(file)).isEmpty();
    }

    @Test
    void aLogThatIsNotThereStartsEmptyOnResume() {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsLog log = MetricsLog.resume(file, 5)) {
            log.append(step(6));
        }
        assertThat(MetricsLog.read(file)).isEqualTo(List.of(step(6)));
    }

    @Test
    void aFolderThatIsMissingIsNamed() {
        assertThatThrownBy(() -> MetricsLog.create(folder.resolve("none/metrics.jsonl")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none/metrics.jsonl: cannot be written (no such file)");
    }

    private static MetricsLine step(long step) {
        return new MetricsLine.Step(step, step * 0.5, 2.5, 1e-4, 1, 32, 450, 5_000, 1e-5);
    }

    private static MetricsLine evaluation(long step) {
        return new MetricsLine.Evaluation(step, step * 0.5, 0.75, 0.75, 0.7, 0.9, true);
    }
}
