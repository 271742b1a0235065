package dev.shoestring.models;

import dev.shoestring.recipe.InputException;

/**
 * How a {@link BagOfWords} makes and weighs its features, and how it is trained.
 *
 * @param bits features are hashed into 2<sup>bits</sup> buckets; in [8, 24]
 * @param shortestLetters letters in the shortest n-grams of letters within a word; in [1, 10]
 * @param longestLetters letters in the longest; in [0, 10], less than {@code shortestLetters} for none
 * @param rarityPower a feature weighs log((1 + N) / n) to this power, if n of N training texts have it; 0 weighs all alike
 * @param learningRate step size at the start; it falls evenly to zero
 * @param epochs most passes over the training examples
 * @param patience passes without a better validation accuracy before training stops
 */
public record BagOfWordsSettings(
        int bits,
        int shortestLetters,
        int longestLetters,
        double rarityPower,
        double learningRate,
        int epochs,
        int patience) {
    /** Checks the ranges. */
    public BagOfWordsSettings {
        require("bits", bits, 8, 24);
        require("shortestLetters", shortestLetters, 1, 10);
        require("longestLetters", longestLetters, 0, 10);
        require("rarityPower", rarityPower, 0, 4);
        require("learningRate", learningRate, 1e-6, 1000);
        require("epochs", epochs, 1, 1000);
        require("patience", patience, 1, 1000);
    }

    /** What did best on the validation split of WordNet's definitions with 2,000 to 20,000 labels. */
    public static BagOfWordsSettings defaults() {
        return new BagOfWordsSettings(19, 4, 4, 1.2, 4, 6, 2);
    }

    /** These with another number of buckets, a power of two. */
    public BagOfWordsSettings withBuckets(int buckets) {
        if (Integer.bitCount(buckets) != 1) {
            throw new InputException("model.buckets: must be a power of two, but is " + buckets);
        }
        return new BagOfWordsSettings(
                Integer.numberOfTrailingZeros(buckets),
                shortestLetters,
                longestLetters,
                rarityPower,
                learningRate,
                epochs,
                patience);
    }

    private static void require(String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new InputException(String.format(
                    "bag of words: %s must be in [%s, %s], but is %s", name, plain(least), plain(most), plain(value)));
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
