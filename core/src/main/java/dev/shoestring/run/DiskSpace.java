package dev.shoestring.run;

import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Refuses to start what the disk cannot hold: better before the training than after it. */
final class DiskSpace {
    /** Weights, AdamW's two moments and the best weights. */
    private static final long COPIES = 4;
    /** The two checkpoints that are kept and the one being written. */
    private static final long CHECKPOINTS = 3;

    private DiskSpace() {}

    /** Demands room for the checkpoints and the model. */
    static void require(RunFolder folder, ParameterStore store) {
        long trained = store.trainable().values().stream()
                .mapToLong(parameter -> parameter.numel())
                .sum();
        long bytes = Float.BYTES * (trained * COPIES * CHECKPOINTS + store.count());
        try {
            long free = Files.getFileStore(folder.path()).getUsableSpace();
            if (free < bytes) {
                throw new InputException(String.format(
                        "%s: %,d MB are free on this disk, but the checkpoints and the model of this run take up to %,d MB; "
                                + "free space or choose another place with --runs",
                        folder.path(), free >> 20, (bytes >> 20) + 1));
            }
        } catch (IOException unknown) {
            // No answer: the writes will tell.
        }
    }

    /**
     * Demands room for what is about to be written.
     *
     * @param place where; need not exist yet
     * @param what names it in the message
     * @throws InputException if the disk has less
     */
    static void require(Path place, long bytes, String what) {
        Path existing = place.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            long free = existing == null
                    ? Long.MAX_VALUE
                    : Files.getFileStore(existing).getUsableSpace();
            if (free < bytes) {
                throw new InputException(String.format(
                        "%s: %,d MB are free on this disk, but %s takes %,d MB; free space or choose another place",
                        place, free >> 20, what, (bytes >> 20) + 1));
            }
        } catch (IOException unknown) {
            // No answer: the writes will tell.
        }
    }
}
