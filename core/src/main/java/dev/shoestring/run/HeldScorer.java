package dev.shoestring.run;

import dev.shoestring.data.Held;

/** Class scores of a held-out split. */
@FunctionalInterface
interface HeldScorer {
    /**
     * Scores some of its examples.
     *
     * @param which their numbers, from 0
     * @return (examples, labels)
     */
    float[][] logits(Held held, int[] which);
}
