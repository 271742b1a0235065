package dev.shoestring.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The folder that a rank has to itself while it runs. */
final class Folders {
    private static final String PREFIX = "shoestring-rank";

    private Folders() {}

    /** A new one, under {@code java.io.tmpdir}. */
    static Path create() {
        try {
            return Files.createTempDirectory(PREFIX);
        } catch (IOException failed) {
            throw new UncheckedIOException("java.io.tmpdir: no folder for a rank can be made", failed);
        }
    }

    /** Deletes a rank's folder, and no other; what cannot be deleted is left to the system. */
    static void delete(Path folder) {
        if (!folder.getFileName().toString().startsWith(PREFIX)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException left) {
                    // The system clears its temporary files.
                }
            });
        } catch (IOException | UncheckedIOException gone) {
            // Deleted already.
        }
    }
}
