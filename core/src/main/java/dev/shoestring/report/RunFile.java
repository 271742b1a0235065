package dev.shoestring.report;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes the files of a run so that a reader never sees half of one, and says in one line why one cannot be written. */
final class RunFile {
    private RunFile() {}

    /** Replaces {@code file} as a whole: the text goes to a file beside it, is forced to disk, and takes its name. */
    static void replace(Path file, String text) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new InputException(file + ": is a folder, not a file that can be written");
        }
        Path half = folder.resolve("." + file.getFileName() + ".part");
        try {
            Files.createDirectories(folder);
            try (FileChannel channel = FileChannel.open(
                    half, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    /** The user's view of a failed write: a full disk, a read-only folder. */
    static InputException cannotWrite(Path file, IOException cause) {
        return new InputException(
                file + ": cannot be written (" + reason(cause)
                        + "); free space there, or choose a folder you can write to",
                cause);
    }

    /** The user's view of a failed read. */
    static InputException cannotRead(Path file, IOException cause) {
        return new InputException(file + ": cannot be read (" + reason(cause) + ")", cause);
    }

    private static String reason(IOException cause) {
        if (cause instanceof java.nio.file.AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof java.nio.file.NoSuchFileException) {
            return "no such file";
        }
        if (cause instanceof java.nio.file.FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
