package dev.shoestring.augment;

import java.util.random.RandomGenerator;

/** A random change to one training text, before it is cut into tokens, that leaves its label true. */
@FunctionalInterface
public interface TextAugmentation {
    /**
     * Returns the changed text.
     *
     * @param random the only source of chance: the same state gives the same result
     */
    String apply(String text, RandomGenerator random);
}
