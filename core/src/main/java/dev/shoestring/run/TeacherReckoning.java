package dev.shoestring.run;

import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import dev.shoestring.shrink.KeptAnswers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether a decoder that heals has the original read along, or its answers are kept in a file first: what takes fewer operations, as far as the disk
 * allows it. Kept answers are of the rows of one epoch, so in one epoch there is nothing to save.
 *
 * @param setup where what was reckoned is told, and where the file would be
 * @param recipe how candidates heal
 * @param original the original's folder
 * @param rows rows of an epoch
 */
record TeacherReckoning(ShrinkSetup setup, Recipe recipe, String original, long rows) {
    /** Kept answers take at most this share of what is free on their disk. */
    private static final double MOST_OF_THE_DISK = 0.5;

    /** The original reads along, and all of its distribution is learnt from. */
    static DistillSpec along(String original) {
        return spec(original, null, 0);
    }

    private static DistillSpec spec(String original, @Nullable String scores, int top) {
        return DistillSpec.ofTokens(original, 1, DistillSpec.HARD_WEIGHT, scores, top);
    }

    /** What is cheapest for a healing of so many epochs, after saying why. */
    DistillSpec cheapest(double epochs) {
        Path folder = setup.settings().folder().toAbsolutePath();
        long bytes = rows * recipe.language().sequenceLength() * DistillSpec.TOP_K * KeptAnswers.BYTES;
        boolean again = epochs > 1 && recipe.task() == Task.LANGUAGE_MODEL;
        if (again && bytes <= MOST_OF_THE_DISK * free(folder)) {
            setup.listener()
                    .message(String.format(
                            Locale.ROOT,
                            "the original's %d likeliest pieces after each token are kept, %,d MB: read once, they save %.1f of its"
                                    + " %.1f readings",
                            DistillSpec.TOP_K,
                            megabytes(bytes),
                            epochs - 1,
                            epochs));
            return spec(original, folder.resolve("answers.safetensors").toString(), DistillSpec.TOP_K);
        }
        if (again) {
            setup.listener()
                    .message(String.format(
                            Locale.ROOT,
                            "the original reads along: its answers would take %,d MB, more than half of what is free",
                            megabytes(bytes)));
        } else if (epochs > 1) {
            setup.listener().message("the original reads along: rows of conversations differ from epoch to epoch");
        } else {
            setup.listener()
                    .message(String.format(
                            Locale.ROOT,
                            "the original reads along: in %.2f epochs no row comes twice, so keeping its answers (%,d MB an epoch)"
                                    + " would save nothing",
                            epochs,
                            megabytes(bytes)));
        }
        return along(original);
    }

    private static long megabytes(long bytes) {
        return (bytes >> 20) + 1;
    }

    private static double free(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException unknown) {
            return Double.MAX_VALUE; // the writes will tell
        }
    }
}
