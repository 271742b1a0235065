package dev.shoestring.models;

import dev.shoestring.data.Example;
import dev.shoestring.recipe.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A linear classifier over hashed words, pairs of words and n-grams of letters: the cheapest model worth comparing with. It trains in
 * about a second on one processor core, in plain Java, to the same bits for the same seed on every machine.
 *
 * <p>Source: fastText (arXiv 1607.01759). Departures: no hidden layer, so that this is multinomial logistic regression; features
 * weigh by their rarity and a text's features are brought to Euclidean length one (as in TF-IDF), where fastText averages them; n-grams
 * of letters as in arXiv 1607.04606; only buckets that occur in training are kept.
 */
public final class BagOfWords {
    private static final int ABSENT = -1;

    private final BagOfWordsSettings settings;
    private final BagOfWordsFeatures features;
    private final int numLabels;
    /** Bucket to its place among the known ones, or {@link #ABSENT}. */
    private final int[] places;

    private final float[] scales;
    /** K × L, so that the weights of one feature lie together. */
    private final float[] weights;

    private final float[] bias;
    private final int[] buckets;

    /**
     * Makes a model of stored numbers.
     *
     * @throws InputException if a bucket is beyond the settings' range
     */
    public BagOfWords(BagOfWordsSettings settings, BagOfWordsWeights stored) {
        int numBuckets = 1 << settings.bits();
        this.settings = settings;
        this.features = features(settings);
        this.numLabels = stored.bias().length;
        this.buckets = stored.buckets();
        this.scales = stored.scales();
        this.bias = stored.bias();
        if (buckets.length > 0 && buckets[buckets.length - 1] >= numBuckets) {
            throw new InputException("bag of words: a bucket must be below 2^" + settings.bits() + " = " + numBuckets
                    + ", but is " + buckets[buckets.length - 1]);
        }
        this.places = new int[numBuckets];
        Arrays.fill(places, ABSENT);
        for (int place = 0; place < buckets.length; place++) {
            places[buckets[place]] = place;
        }
        this.weights = transposed(stored.weights(), numLabels, buckets.length);
    }

    /**
     * Trains one.
     *
     * @param train at least one example
     * @param validation decides which pass's weights are kept and when to stop; if empty, the last pass's are
     * @param numLabels labels are in [0, numLabels)
     * @param progress is told of every pass
     */
    public static BagOfWords train(
            List<Example> train,
            List<Example> validation,
            int numLabels,
            BagOfWordsSettings settings,
            long seed,
            Consumer<Epoch> progress) {
        return new BagOfWordsTraining(train, validation, numLabels, settings).run(seed, progress);
    }

    /**
     * One finished pass over the training examples.
     *
     * @param epoch number of the pass, from 1
     * @param epochs most passes there will be
     * @param loss mean cross-entropy over the pass, in nats
     * @param validationAccuracy share of validation examples got right after it; NaN without validation examples
     * @param flops floating-point operations of training so far
     */
    public record Epoch(int epoch, int epochs, double loss, double validationAccuracy, long flops) {}

    /** The probability of each label; they sum to one. */
    public float[] probabilities(String text) {
        float[] logits = bias.clone();
        addLogits(known(text), logits);
        softmax(logits);
        return logits;
    }

    /** The most probable label; the first of them if several are equally so. */
    public int predict(String text) {
        return largest(probabilities(text));
    }

    /** Share of the examples whose most probable label is the right one; NaN if there are none. */
    public double accuracy(List<Example> examples) {
        long right = examples.stream()
                .filter(example -> predict(example.text()) == example.label())
                .count();
        return (double) right / examples.size();
    }

    /** How features are made. */
    public BagOfWordsSettings settings() {
        return settings;
    }

    /** Number of labels. */
    public int numLabels() {
        return numLabels;
    }

    /** Trained numbers: weights and biases. */
    public long parameterCount() {
        return weights.length + (long) bias.length;
    }

    /** Floating-point operations to classify the text: a multiplication and an addition for each feature and label. */
    public long flops(String text) {
        return 2L * known(text).length * numLabels;
    }

    /** The numbers to store. */
    public BagOfWordsWeights stored() {
        return new BagOfWordsWeights(
                "bag of words", buckets, scales, transposed(weights, buckets.length, numLabels), bias);
    }

    static BagOfWordsFeatures features(BagOfWordsSettings settings) {
        return new BagOfWordsFeatures(settings.bits(), settings.shortestLetters(), settings.longestLetters());
    }

    /** Turns logits into probabilities in place. StrictMath gives the same bits everywhere. */
    static void softmax(float[] logits) {
        float most = logits[largest(logits)];
        float sum = 0;
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) StrictMath.exp(logits[i] - most);
            sum += logits[i];
        }
        for (int i = 0; i < logits.length; i++) {
            logits[i] /= sum;
        }
    }

    static int largest(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    /** From rows × columns to columns × rows. */
    static float[] transposed(float[] values, int rows, int columns) {
        float[] transposed = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                transposed[column * rows + row] = values[row * columns + column];
            }
        }
        return transposed;
    }

    /** Places of the text's features that training texts had too. */
    private int[] known(String text) {
        return Arrays.stream(features.of(text))
                .map(bucket -> places[bucket])
                .filter(place -> place != ABSENT)
                .toArray();
    }

    private void addLogits(int[] known, float[] logits) {
        addLogits(known, inverseLength(known, scales), scales, weights, logits);
    }

    /** One over the Euclidean length of the features' scales; zero without features. */
    static float inverseLength(int[] known, float[] scales) {
        float squares = 0;
        for (int place : known) {
            squares += scales[place] * scales[place];
        }
        return squares == 0 ? 0 : (float) (1 / Math.sqrt(squares));
    }

    /** Adds the features' weights (K × L) to the logits. */
    static void addLogits(int[] known, float inverseLength, float[] scales, float[] weights, float[] logits) {
        for (int place : known) {
            float value = scales[place] * inverseLength;
            int row = place * logits.length;
            for (int label = 0; label < logits.length; label++) {
                logits[label] += value * weights[row + label];
            }
        }
    }
}
