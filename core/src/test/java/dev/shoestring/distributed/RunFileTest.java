package dev.shoestring.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunFileTest {
    @Test
    void aRunCanBeGoneOnWithOnceItHasACheckpoint(@TempDir Path folder) throws IOException {
        RunFile file = new RunFile(folder.resolve("run.txt"));
        assertThat(file.run()).isEmpty();
        Files.writeString(file.path(), "");
        assertThat(file.run()).isEmpty();

        Path run = Files.createDirectory(folder.resolve("run"));
        file.announce(run);
        assertThat(file.run()).contains(run);
        assertThat(file.resumable()).isEmpty();

        Path checkpoints = Files.createDirectory(run.resolve("checkpoints"));
        Files.writeString(checkpoints.resolve("step-1.safetensors"), "");
        assertThat(file.resumable()).isEmpty();
        Files.writeString(checkpoints.resolve("step-1.json"), "{}");
        assertThat(file.resumable()).contains(run);
    }

    @Test
    void aPlaceThatCannotBeWrittenCostsOnlyTheRestart(@TempDir Path folder) {
        RunFile file = new RunFile(folder.resolve("missing/run.txt"));
        file.announce(folder);
        assertThat(file.run()).isEmpty();
    }

    @Test
    void aFolderOrNothingCannotBeWrittenTo(@TempDir Path folder) throws IOException {
        assertThat(new RunFile(Files.createFile(folder.resolve("run"))).writable())
                .isTrue();
        assertThat(new RunFile(folder).writable()).isFalse();
        assertThat(new RunFile(folder.resolve("none")).writable()).isFalse();
    }
}
