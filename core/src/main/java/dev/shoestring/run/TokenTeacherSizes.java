package dev.shoestring.run;

import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.train.Arithmetic;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The teacher of a language model before any weight of it is read.
 *
 * @param config its sizes
 * @param spec how it is learnt from
 */
record TokenTeacherSizes(DecoderConfig config, DistillSpec spec) {
    /** Tensors of the model's width, and of the feed-forward width, that a block's forward pass holds at once. */
    private static final long HELD_WIDTHS = 5;

    private static final long HELD_MIDDLES = 2;

    /** Bytes of a score while answers are compared: the score, its probability, two logarithms. */
    private static final long SCORE = 16;

    /** The teacher of a recipe; null if it has none. */
    static @Nullable TokenTeacherSizes of(Recipe recipe) {
        DistillSpec spec = recipe.distill();
        if (spec == null) {
            return null;
        }
        Path folder = DistilledTokens.folder(spec);
        try (ModelFiles files = Models.open(folder.toString(), (what, done, total) -> {})) {
            return new TokenTeacherSizes(DecoderConfigs.read(files.config(), folder.toString()), spec);
        }
    }

    /** Whether it reads each row when it is learnt from; otherwise its answers are kept in a file. */
    boolean along() {
        return spec.scores() == null;
    }

    /**
     * Bytes that it takes while it reads.
     *
     * @param tokens tokens that it reads at once
     * @param chunk tokens whose scores are held at once
     */
    long bytes(Arithmetic arithmetic, long tokens, long chunk) {
        long number = arithmetic == Arithmetic.BF16 ? Short.BYTES : Float.BYTES;
        long held = HELD_WIDTHS * config.hiddenSize() + HELD_MIDDLES * config.intermediateSize();
        return number * (config.parameters() + tokens * held) + chunk * SCORE * config.vocabSize();
    }
}
