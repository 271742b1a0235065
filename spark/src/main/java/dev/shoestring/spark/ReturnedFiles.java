package dev.shoestring.spark;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import scala.Tuple2;

/** The files of a run that comes back through Spark, as driver and ranks share no folder, in pieces. Checkpoints stay behind. */
final class ReturnedFiles {
    private static final long MOST_BYTES = 1L << 30;
    private static final int PIECE = 4 << 20;
    private static final String NUMBER = "#";
    private static final String CHECKPOINTS = "checkpoints";

    private ReturnedFiles() {}

    /**
     * The pieces of all files of a run, named so that those of a file are in order when they are sorted by name.
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
                try (InputStream in = Files.newInputStream(file)) {
                    byte[] piece = in.readNBytes(PIECE);
                    for (int i = 0; i == 0 || piece.length > 0; i++) {
                        read.add(new Tuple2<>(String.format("%s%s%06d", name, NUMBER, i), piece));
                        piece = in.readNBytes(PIECE);
                    }
                }
            }
            return read;
        } catch (IOException failed) {
            throw new UncheckedIOException(run + ": cannot be read", failed);
        }
    }

    /** A new folder of that name; of another like it if there is one, from a run that began elsewhere in the same second. */
    static Path folder(Path named) {
        Path folder = named;
        for (int i = 2; ; i++) {
            try {
                return Files.createDirectory(folder);
            } catch (FileAlreadyExistsException taken) {
                folder = named.resolveSibling(named.getFileName() + "-" + i);
            } catch (IOException failed) {
                throw unwritable(folder, failed);
            }
        }
    }

    private static InputException unwritable(Path run, IOException failed) {
        return new InputException(
                run + ": cannot be written (" + failed.getMessage() + "); free space or choose another place", failed);
    }

    /** Writes pieces, sorted by name, to a folder of the driver. */
    static void write(Path run, List<Tuple2<String, byte[]>> pieces) {
        try {
            for (Tuple2<String, byte[]> piece : pieces) {
                String name = piece._1().substring(0, piece._1().lastIndexOf(NUMBER));
                Path target = run.resolve(name).normalize();
                if (!target.startsWith(run)) {
                    throw new IllegalStateException("a file outside of its run: " + name);
                }
                Files.createDirectories(target.getParent());
                Files.write(target, piece._2(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException failed) {
            throw unwritable(run, failed);
        }
    }
}
