package dev.shoestring.spark;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import scala.Tuple2;

/** The files of a run that comes back through Spark, as driver and ranks share no folder. Checkpoints stay behind. */
final class ReturnedFiles {
    private static final long MOST_BYTES = 1L << 30;
    private static final String CHECKPOINTS = "checkpoints";

    private ReturnedFiles() {}

    /**
     * Name and content of each file of a run.
     *
     * @throws InputException if they are too large to be sent
     */
    static List<Tuple2<String, byte[]>> read(Path run) {
        try (Stream<Path> all = Files.walk(run)) {
            List<Path> files = all.filter(Files::isRegularFile)
                    .filter(file -> !run.relativize(file).startsWith(CHECKPOINTS))
                    .toList();
            long bytes = 0;
            for (Path file : files) {
                bytes += Files.size(file);
            }
            if (bytes > MOST_BYTES) {
                throw new InputException("runs: the run has " + bytes / (1 << 20)
                        + " MiB, more than the 1024 MiB that come back through Spark; give a folder that driver and"
                        + " executors share");
            }
            List<Tuple2<String, byte[]>> read = new ArrayList<>();
            for (Path file : files) {
                String name = run.relativize(file).toString().replace('\\', '/');
                read.add(new Tuple2<>(name, Files.readAllBytes(file)));
            }
            return read;
        } catch (IOException failed) {
            throw new UncheckedIOException(run + ": cannot be read", failed);
        }
    }

    /** Writes them to a folder of the driver. */
    static void write(Path run, List<Tuple2<String, byte[]>> files) {
        try {
            for (Tuple2<String, byte[]> file : files) {
                Path target = run.resolve(file._1()).normalize();
                if (!target.startsWith(run)) {
                    throw new IllegalStateException("a file outside of its run: " + file._1());
                }
                Files.createDirectories(target.getParent());
                Files.write(target, file._2());
            }
        } catch (IOException failed) {
            throw new InputException(
                    run + ": cannot be written (" + failed.getMessage() + "); free space or choose another place",
                    failed);
        }
    }
}
