package dev.shoestring.train;

/**
 * How well class scores fit labels.
 *
 * @param accuracy share of examples whose label has the highest score
 * @param macroF1 unweighted mean of the labels' F1 scores; a label that is neither present nor predicted is left out
 * @param loss mean cross-entropy, in nats
 * @param examples number of examples
 */
public record ClassificationMetrics(double accuracy, double macroF1, double loss, int examples) {
    /** Measures logits (examples, labels) against the labels. */
    public static ClassificationMetrics of(float[][] logits, int[] labels) {
        int classes = logits.length == 0 ? 0 : logits[0].length;
        long[] present = new long[classes];
        long[] predicted = new long[classes];
        long[] right = new long[classes];
        double loss = 0;
        for (int i = 0; i < logits.length; i++) {
            int guess = argmax(logits[i]);
            present[labels[i]]++;
            predicted[guess]++;
            if (guess == labels[i]) {
                right[guess]++;
            }
            loss += logSumExp(logits[i]) - logits[i][labels[i]];
        }
        double f1 = 0;
        int counted = 0;
        long correct = 0;
        for (int label = 0; label < classes; label++) {
            correct += right[label];
            if (present[label] + predicted[label] > 0) {
                f1 += 2.0 * right[label] / (present[label] + predicted[label]);
                counted++;
            }
        }
        int examples = logits.length;
        return new ClassificationMetrics(
                examples == 0 ? 0 : (double) correct / examples,
                counted == 0 ? 0 : f1 / counted,
                examples == 0 ? 0 : loss / examples,
                examples);
    }

    /** Position of the largest score; the first of several. */
    public static int argmax(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Probabilities of the labels: the softmax of their scores. */
    public static float[] probabilities(float[] logits) {
        double normalizer = logSumExp(logits);
        float[] probabilities = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = (float) Math.exp(logits[i] - normalizer);
        }
        return probabilities;
    }

    private static double logSumExp(float[] scores) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float score : scores) {
            largest = Math.max(largest, score);
        }
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - largest);
        }
        return largest + Math.log(sum);
    }
}
