package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes a folder beside its place and moves it there, so that it is whole or absent. */
public final class DraftFolder {
    private DraftFolder() {}

    /** What is to be in the folder. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything into an empty folder. */
        void write(Path draft) throws IOException;
    }

    /**
     * Writes the folder; an earlier one there is replaced.
     *
     * @param what names what is written, for messages
     * @throws InputException if it cannot be written
     */
    public static void write(Path folder, String what, Content content) {
        Path draft = folder.toAbsolutePath().resolveSibling(folder.getFileName() + ".tmp");
        boolean done = false;
        try {
            delete(draft);
            Files.createDirectories(draft);
            content.write(draft);
            delete(folder);
            Files.move(draft, folder);
            done = true;
        } catch (IOException failed) {
            throw new InputException(
                    folder + ": " + what + " cannot be written (" + failed + "); free space or choose another place",
                    failed);
        } finally {
            if (!done) {
                discard(draft);
            }
        }
    }

    /** Deletes a folder with all that is in it, as far as that can be done; null is no folder. */
    public static void discard(@Nullable Path draft) {
        try {
            if (draft != null) {
                delete(draft);
            }
        } catch (IOException leftBehind) {
            // What went wrong before matters more.
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
