package dev.shoestring.recipe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What only language models have.
 *
 * @param sequenceLength tokens of a row; longer conversations are cut; key {@code data.sequence_length}
 * @param unit what one document of a text file is; key {@code data.document}
 * @param extensions endings of the files that are read from folders and jars; key {@code data.extensions}
 * @param more further texts of a corpus: paths or {@code maven:GROUP:ARTIFACT:VERSION[:CLASSIFIER]}; key {@code data.more}
 * @param form the form of conversations; null recognizes it; key {@code data.form}
 * @param zLoss weight of the squared logarithm of the softmax's normalizer (PaLM, arXiv 2204.02311, section 5); key {@code z_loss}
 * @param lengthWarmup shorter sequences at the beginning; null trains at one length; key {@code sequence_warmup}
 * @param neftune scale of noise on the embeddings in training (arXiv 2310.05914); key {@code neftune}
 * @param preference the loss of preference pairs; key {@code preference}
 * @param memory what is done to need less memory; key {@code memory}
 */
public record LanguageSpec(
        int sequenceLength,
        Unit unit,
        List<String> extensions,
        List<String> more,
        @Nullable String form,
        double zLoss,
        @Nullable LengthWarmup lengthWarmup,
        double neftune,
        PreferenceSpec preference,
        MemorySpec memory) {
    /** Nothing special. */
    public static final LanguageSpec PLAIN = new LanguageSpec(
            256, Unit.FILE, List.of(), List.of(), null, 0, null, 0, PreferenceSpec.PLAIN, MemorySpec.AUTO);

    /** Copies the lists. */
    public LanguageSpec {
        extensions = List.copyOf(extensions);
        more = List.copyOf(more);
    }

    /** The same with rows of one length. */
    public LanguageSpec withoutLengthWarmup() {
        return new LanguageSpec(sequenceLength, unit, extensions, more, form, zLoss, null, neftune, preference, memory);
    }

    /** The same without the normalizer's loss. */
    public LanguageSpec withoutZLoss() {
        return new LanguageSpec(
                sequenceLength, unit, extensions, more, form, 0, lengthWarmup, neftune, preference, memory);
    }

    /** The same with another scale of noise. */
    public LanguageSpec withNeftune(double other) {
        return new LanguageSpec(
                sequenceLength, unit, extensions, more, form, zLoss, lengthWarmup, other, preference, memory);
    }

    /** The same with another type of frozen weights; null chooses it. */
    public LanguageSpec withBase(MemorySpec.@Nullable Base other) {
        return withMemory(new MemorySpec(
                memory.checkpointing(), memory.lossChunk(), other, memory.moments(), memory.weights(), memory.limit()));
    }

    /** The same with other measures to need less memory. */
    public LanguageSpec withMemory(MemorySpec other) {
        return new LanguageSpec(
                sequenceLength, unit, extensions, more, form, zLoss, lengthWarmup, neftune, preference, other);
    }

    /** What one document of a text file is. */
    public enum Unit {
        /** The whole file. */
        FILE,
        /** Each line. */
        LINE,
        /** What stands between blank lines. */
        BLANK_LINE
    }

    /**
     * Sequence-length warm-up (arXiv 2108.06084): training begins on shorter rows, as many more of them in a batch.
     *
     * @param from length at the beginning, tokens
     * @param until share of the steps after which the full length is reached, in (0, 1]
     */
    public record LengthWarmup(int from, double until) {}
}
