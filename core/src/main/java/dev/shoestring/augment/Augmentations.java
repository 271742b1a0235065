package dev.shoestring.augment;

import dev.shoestring.data.Encoded;
import dev.shoestring.data.SplitMix;
import dev.shoestring.data.Synonyms;
import dev.shoestring.recipe.AugmentSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * All augmentations of a run, in order: first those of the text, then those of its tokens. What an example becomes depends on the run's
 * seed, the epoch and the example's index alone, so that a run resumes at any step and any number of workers make the same examples.
 */
public final class Augmentations {
    private static final int TEXT_STREAM = 1;
    private static final int TOKEN_STREAM = 2;

    private final List<TextAugmentation> onText;
    private final List<Augmentation> onTokens;
    private final long seed;

    /** Puts augmentations in the order given. */
    public Augmentations(List<TextAugmentation> onText, List<Augmentation> onTokens, long seed) {
        this.onText = List.copyOf(onText);
        this.onTokens = List.copyOf(onTokens);
        this.seed = seed;
    }

    /**
     * Special tokens of the vocabulary and the model's limit.
     *
     * @param maskId id of the mask token
     * @param separatorId id of the token that ends a text
     * @param maxTokens most tokens of an example, special tokens included
     */
    public record Vocabulary(int maskId, int separatorId, int maxTokens) {}

    /**
     * Makes those that a recipe names.
     *
     * @param pool the training examples, for {@link JoinSameLabel}
     * @param synonyms read only if the recipe names them
     */
    public static Augmentations of(
            List<AugmentSpec> specs,
            Vocabulary vocabulary,
            List<Encoded> pool,
            Supplier<Synonyms> synonyms,
            long seed) {
        List<TextAugmentation> onText = new ArrayList<>();
        List<Augmentation> onTokens = new ArrayList<>();
        for (AugmentSpec spec : specs) {
            if (spec instanceof AugmentSpec.Synonyms words) {
                onText.add(new SynonymReplacement(words.rate(), synonyms.get()));
            } else if (spec instanceof AugmentSpec.TokenDropout dropout) {
                onTokens.add(new TokenDropout(dropout.rate(), vocabulary.maskId()));
            } else if (spec instanceof AugmentSpec.JoinSameLabel join) {
                onTokens.add(new JoinSameLabel(join.rate(), pool, vocabulary.separatorId(), vocabulary.maxTokens()));
            } else {
                throw new IllegalStateException("no augmentation for " + spec);
            }
        }
        return new Augmentations(onText, onTokens, seed);
    }

    /** Whether texts change, so that they must be cut into tokens anew each epoch. */
    public boolean changesText() {
        return !onText.isEmpty();
    }

    /** Whether nothing changes at all. */
    public boolean isEmpty() {
        return onText.isEmpty() && onTokens.isEmpty();
    }

    /** The text as this epoch sees it. */
    public String text(String text, int epoch, int index) {
        String changed = text;
        if (!onText.isEmpty()) {
            SplitMix random = SplitMix.of(seed, epoch, index, TEXT_STREAM);
            for (TextAugmentation augmentation : onText) {
                changed = augmentation.apply(changed, random);
            }
        }
        return changed;
    }

    /** The example as this epoch sees it. */
    public Encoded tokens(Encoded example, int epoch, int index) {
        if (onTokens.isEmpty()) {
            return example;
        }
        SplitMix random = SplitMix.of(seed, epoch, index, TOKEN_STREAM);
        int[] ids = example.ids();
        for (Augmentation augmentation : onTokens) {
            ids = augmentation.apply(ids, example.label(), random);
        }
        return new Encoded(ids, example.label());
    }

    static void requireProbability(double rate) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("rate must be in [0, 1], but is " + rate);
        }
    }
}
