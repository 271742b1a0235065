package dev.shoestring.models;

import dev.shoestring.data.Example;
import dev.shoestring.data.SplitMix;
import dev.shoestring.recipe.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Trains a {@link BagOfWords} by stochastic gradient descent on the cross-entropy, one example at a time, the step size falling evenly
 * to zero. Only the rows of an example's own features are touched.
 */
final class BagOfWordsTraining {
    /** The biases learn slower: every example touches them. */
    private static final float BIAS_RATE = 0.1f;

    private final BagOfWordsSettings settings;
    private final int numLabels;
    private final int[] buckets;
    private final float[] scales;
    private final int[][] texts;
    private final int[] labels;
    private final int[][] validationTexts;
    private final int[] validationLabels;
    private final float[] weights;
    private final float[] bias;
    private long flops;

    BagOfWordsTraining(List<Example> train, List<Example> validation, int numLabels, BagOfWordsSettings settings) {
        if (train.isEmpty()) {
            throw new IllegalArgumentException("needs at least one training example");
        }
        this.settings = settings;
        this.numLabels = numLabels;
        BagOfWordsFeatures features = BagOfWords.features(settings);
        this.texts = features(train, features);
        this.labels = train.stream().mapToInt(Example::label).toArray();
        int[] counts = new int[1 << settings.bits()];
        for (int[] text : texts) {
            for (int bucket : text) {
                counts[bucket]++;
            }
        }
        int[] places = new int[counts.length];
        this.buckets = buckets(counts, places);
        this.scales = scales(counts);
        if ((long) buckets.length * numLabels > Integer.MAX_VALUE - 8) {
            throw new InputException("bag of words: " + buckets.length + " features × " + numLabels
                    + " labels are more weights than 2^31; use fewer labels or fewer bits");
        }
        // Weights, their best state, and both once more on their way to disk.
        long bytes = 4L * Float.BYTES * buckets.length * numLabels;
        long most = Runtime.getRuntime().maxMemory() / 10 * 8;
        if (bytes > most) {
            throw new InputException(String.format(
                    "bag of words: %,d features for %,d labels take up to %,d MB of Java's memory, of which %,d MB can be used; "
                            + "start without it (--no-baseline) or give Java more (SHOESTRING_JAVA_OPTS=-Xmx8g)",
                    buckets.length, numLabels, bytes >> 20, most >> 20));
        }
        this.weights = new float[buckets.length * numLabels];
        this.bias = new float[numLabels];
        this.validationTexts = features(validation, features);
        this.validationLabels = validation.stream().mapToInt(Example::label).toArray();
        toPlaces(texts, places);
        toPlaces(validationTexts, places);
    }

    BagOfWords run(long seed, Consumer<BagOfWords.Epoch> progress) {
        SplitMix random = SplitMix.of(seed);
        int[] order = new int[texts.length];
        Arrays.setAll(order, i -> i);
        float[] bestWeights = weights;
        float[] bestBias = bias;
        double best = -1;
        int sinceBest = 0;
        for (int epoch = 0; epoch < settings.epochs() && sinceBest < settings.patience(); epoch++) {
            random.shuffle(order);
            double loss = epoch(order, epoch);
            double accuracy = accuracy();
            progress.accept(new BagOfWords.Epoch(epoch + 1, settings.epochs(), loss, accuracy, flops));
            sinceBest = accuracy > best || validationTexts.length == 0 ? 0 : sinceBest + 1;
            if (accuracy > best) {
                best = accuracy;
                bestWeights = weights.clone();
                bestBias = bias.clone();
            }
        }
        float[] stored = BagOfWords.transposed(bestWeights, buckets.length, numLabels);
        return new BagOfWords(settings, new BagOfWordsWeights("bag of words", buckets, scales, stored, bestBias));
    }

    private double epoch(int[] order, int epoch) {
        float[] errors = new float[numLabels];
        double total = (double) order.length * settings.epochs();
        double loss = 0;
        for (int at = 0; at < order.length; at++) {
            float rate = (float) (settings.learningRate() * (1 - ((double) epoch * order.length + at) / total));
            int[] text = texts[order[at]];
            int label = labels[order[at]];
            float inverseLength = BagOfWords.inverseLength(text, scales);
            System.arraycopy(bias, 0, errors, 0, numLabels);
            BagOfWords.addLogits(text, inverseLength, scales, weights, errors);
            BagOfWords.softmax(errors);
            loss -= StrictMath.log(Math.max(errors[label], Float.MIN_NORMAL));
            errors[label] -= 1;
            step(text, inverseLength * rate, errors);
            for (int i = 0; i < numLabels; i++) {
                bias[i] -= BIAS_RATE * rate * errors[i];
            }
            flops += 4L * text.length * numLabels;
        }
        return loss / order.length;
    }

    private void step(int[] text, float rate, float[] errors) {
        for (int place : text) {
            float value = scales[place] * rate;
            int row = place * errors.length;
            for (int label = 0; label < errors.length; label++) {
                weights[row + label] -= value * errors[label];
            }
        }
    }

    private double accuracy() {
        float[] logits = new float[numLabels];
        int right = 0;
        for (int i = 0; i < validationTexts.length; i++) {
            int[] text = validationTexts[i];
            System.arraycopy(bias, 0, logits, 0, numLabels);
            BagOfWords.addLogits(text, BagOfWords.inverseLength(text, scales), scales, weights, logits);
            right += BagOfWords.largest(logits) == validationLabels[i] ? 1 : 0;
            flops += 2L * text.length * numLabels;
        }
        return (double) right / validationTexts.length;
    }

    private static int[][] features(List<Example> examples, BagOfWordsFeatures features) {
        return examples.stream().map(example -> features.of(example.text())).toArray(int[][]::new);
    }

    /** The buckets that occur; {@code places} gets the place of each, or -1. */
    private static int[] buckets(int[] counts, int[] places) {
        int[] buckets = new int[counts.length];
        int used = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            places[bucket] = counts[bucket] > 0 ? used : -1;
            if (counts[bucket] > 0) {
                buckets[used++] = bucket;
            }
        }
        return Arrays.copyOf(buckets, used);
    }

    private float[] scales(int[] counts) {
        float[] made = new float[buckets.length];
        for (int place = 0; place < made.length; place++) {
            double rarity = StrictMath.log((1.0 + texts.length) / counts[buckets[place]]);
            made[place] = (float) StrictMath.pow(rarity, settings.rarityPower());
        }
        return made;
    }

    private static void toPlaces(int[][] texts, int[] places) {
        for (int i = 0; i < texts.length; i++) {
            texts[i] = Arrays.stream(texts[i])
                    .map(bucket -> places[bucket])
                    .filter(place -> place >= 0)
                    .toArray();
        }
    }
}
