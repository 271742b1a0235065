package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A user's file: there, readable, not empty, and opened with its compression undone. */
final class TableFile {
    private static final int MOST_NEIGHBOURS = 10_000;

    private TableFile() {}

    /** The path, once it is known to be a readable, non-empty file. */
    static Path require(String path) {
        Path file;
        try {
            file = Path.of(path);
        } catch (InvalidPathException e) {
            throw new InputException("\"" + path + "\": not a valid file name (" + e.getReason() + ")", e);
        }
        if (Files.isDirectory(file)) {
            throw new InputException(path + ": is a folder, expected a file with a table; name one file in it"
                    + " or select from many with data.query");
        }
        if (!Files.exists(file)) {
            throw new InputException(path + ": no such file" + Nearest.hint(nameOf(file), neighbours(file)));
        }
        try {
            if (!Files.isReadable(file)) {
                throw new InputException(path + ": may not be read by this user; change its permissions");
            }
            if (Files.size(file) == 0) {
                throw new InputException(path + ": is empty, expected a header line and rows");
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        return file;
    }

    /** Opens the file's bytes, uncompressed; {@link #unreadable} turns what reading throws into a message. */
    static InputStream open(Path file) throws IOException {
        InputStream raw = Files.newInputStream(file);
        if (!TableFormat.gzipped(file)) {
            return raw;
        }
        try {
            return new GZIPInputStream(raw, 1 << 16);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    /** The message for a failed read. */
    static InputException unreadable(String path, IOException cause) {
        if (cause instanceof ZipException) {
            return new InputException(path + ": ends in .gz but is not intact gzip data; compress it again", cause);
        }
        if (cause instanceof EOFException) {
            return new InputException(path + ": the gzip data ends too early; copy or compress it again", cause);
        }
        return new InputException(path + ": cannot be read: " + cause.getMessage(), cause);
    }

    private static String nameOf(Path file) {
        Path last = file.getFileName();
        return last == null ? "" : last.toString();
    }

    private static List<String> neighbours(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.limit(MOST_NEIGHBOURS).map(TableFile::nameOf).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
