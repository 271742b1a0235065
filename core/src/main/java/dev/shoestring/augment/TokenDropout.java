package dev.shoestring.augment;

import java.util.random.RandomGenerator;

/**
 * Replaces each token by the mask token with a fixed probability, so that no label hangs on one word.
 *
 * <p>Source: word dropout, Mohit Iyyer et al., "Deep unordered composition rivals syntactic methods for text classification", ACL 2015,
 * section 3.1. Departure: the token is masked, which the pre-trained model knows, and not removed, so that lengths stay.
 *
 * @param rate probability for each token, in [0, 1]
 * @param maskId id of the mask token
 */
public record TokenDropout(double rate, int maskId) implements Augmentation {
    /** Checks the rate. */
    public TokenDropout {
        Augmentations.requireProbability(rate);
    }

    @Override
    public int[] apply(int[] ids, int label, RandomGenerator random) {
        if (rate == 0) {
            return ids;
        }
        int[] changed = ids.clone();
        for (int i = 1; i < ids.length - 1; i++) {
            if (random.nextDouble() < rate) {
                changed[i] = maskId;
            }
        }
        return changed;
    }
}
