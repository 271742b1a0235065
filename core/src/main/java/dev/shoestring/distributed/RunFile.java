package dev.shoestring.distributed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A file in which rank 0 writes the folder of its run, for whoever started the processes to have them go on with it.
 *
 * @param path the file; it need not be there
 */
public record RunFile(Path path) {
    /** Names the file to rank 0, in its environment. */
    public static final String VARIABLE = "SHOESTRING_RUN_FILE";

    /** Writes the run's folder. What cannot be written costs a restart its beginning, never the run. */
    void announce(Path run) {
        try {
            Files.writeString(path, run.toAbsolutePath().toString());
        } catch (IOException lost) {
            // Then a restart begins anew.
        }
    }

    /** Whether this process may write there. */
    public boolean writable() {
        return Files.isRegularFile(path) && Files.isWritable(path);
    }

    /** The run that rank 0 has announced. */
    public Optional<Path> run() {
        try {
            String text = Files.readString(path).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** The run that rank 0 has announced, if it has a checkpoint to go on from. */
    public Optional<Path> resumable() {
        return run().filter(RunFile::hasCheckpoint);
    }

    private static boolean hasCheckpoint(Path run) {
        Path checkpoints = run.resolve("checkpoints");
        if (!Files.isDirectory(checkpoints)) {
            return false;
        }
        try (Stream<Path> files = Files.list(checkpoints)) {
            return files.anyMatch(file -> file.toString().endsWith(".json"));
        } catch (IOException none) {
            return false;
        }
    }
}
