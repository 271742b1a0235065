package dev.shoestring.augment;

import java.util.random.RandomGenerator;

/** A random change to the token ids of one training example that leaves its label true. */
@FunctionalInterface
public interface Augmentation {
    /**
     * Returns the changed ids, or the same array if nothing changes; the array given is never written to. The special tokens at both
     * ends stay.
     *
     * @param ids token ids with a special token at each end
     * @param label index of the example's label
     * @param random the only source of chance: the same state gives the same result
     */
    int[] apply(int[] ids, int label, RandomGenerator random);
}
