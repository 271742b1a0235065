package dev.shoestring.models;

import dev.shoestring.recipe.InputException;

/**
 * The numbers of a {@link BagOfWords}, as they are stored. A class and no record, for its arrays are compared by content nowhere; none
 * is to be changed.
 */
public final class BagOfWordsWeights {
    private final int[] buckets;
    private final float[] scales;
    private final float[] weights;
    private final float[] bias;

    /**
     * Takes the arrays as they are, after checking them against each other.
     *
     * @param source what they were read from, for messages
     * @param buckets see {@link #buckets()}
     * @param scales see {@link #scales()}
     * @param weights see {@link #weights()}
     * @param bias see {@link #bias()}
     * @throws InputException if the sizes do not fit, the buckets are not in ascending order, or a number is not finite
     */
    public BagOfWordsWeights(String source, int[] buckets, float[] scales, float[] weights, float[] bias) {
        long expected = (long) buckets.length * bias.length;
        if (bias.length < 2 || scales.length != buckets.length || weights.length != expected) {
            throw new InputException(
                    source + ": sizes must be K buckets, K scales, L × K weights and L >= 2 biases, but are "
                            + buckets.length + ", " + scales.length + ", " + weights.length + " and " + bias.length);
        }
        for (int i = 0; i < buckets.length; i++) {
            if (buckets[i] < 0 || (i > 0 && buckets[i] <= buckets[i - 1])) {
                throw new InputException(
                        source + ": buckets must be in ascending order from 0, but entry " + i + " is " + buckets[i]);
            }
        }
        requireFinite(source, "scales", scales);
        requireFinite(source, "weights", weights);
        requireFinite(source, "bias", bias);
        this.buckets = buckets;
        this.scales = scales;
        this.weights = weights;
        this.bias = bias;
    }

    /** The K buckets that training texts have, in ascending order. */
    public int[] buckets() {
        return buckets;
    }

    /** How much a feature in each bucket weighs before the text's features are brought to length one; K. */
    public float[] scales() {
        return scales;
    }

    /** L × K, one row a label. */
    public float[] weights() {
        return weights;
    }

    /** One number a label; L. */
    public float[] bias() {
        return bias;
    }

    private static void requireFinite(String source, String name, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new InputException(source + ": " + name + " must be finite, but entry " + i + " is " + values[i]);
            }
        }
    }
}
