package dev.shoestring.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** How often each label was predicted for each true label. */
public final class ConfusionMatrix {
    private final List<String> labels;
    private final int[][] counts;

    /**
     * Makes one from counts.
     *
     * @param labels the names of the L labels
     * @param counts L rows, one a true label, of L counts, one a predicted label
     * @throws IllegalArgumentException if the counts are not L × L or one is negative
     */
    public ConfusionMatrix(List<String> labels, int[][] counts) {
        this.labels = List.copyOf(labels);
        this.counts = new int[counts.length][];
        if (counts.length != labels.size()) {
            throw new IllegalArgumentException(
                    "counts has " + counts.length + " rows for " + labels.size() + " labels");
        }
        for (int truth = 0; truth < counts.length; truth++) {
            if (counts[truth].length != labels.size()) {
                throw new IllegalArgumentException("counts[" + truth + "] has " + counts[truth].length + " columns for "
                        + labels.size() + " labels");
            }
            this.counts[truth] = counts[truth].clone();
            for (int count : counts[truth]) {
                if (count < 0) {
                    throw new IllegalArgumentException("counts[" + truth + "] has the negative count " + count);
                }
            }
        }
    }

    /**
     * Counts predictions.
     *
     * @param labels the names of the labels
     * @param truth the index of each example's true label
     * @param predicted the index of each example's predicted label
     */
    public static ConfusionMatrix of(List<String> labels, int[] truth, int[] predicted) {
        if (truth.length != predicted.length) {
            throw new IllegalArgumentException(
                    "truth (" + truth.length + ") and predicted (" + predicted.length + ") must have one length");
        }
        int[][] counts = new int[labels.size()][labels.size()];
        for (int i = 0; i < truth.length; i++) {
            counts[truth[i]][predicted[i]]++;
        }
        return new ConfusionMatrix(labels, counts);
    }

    /**
     * How well one label is told from the others.
     *
     * @param label its name
     * @param precision share of the predictions of this label that are right; 0 if it is never predicted
     * @param recall share of this label's examples that are found; 0 if it has none
     * @param f1 harmonic mean of the two
     * @param support examples that truly have this label
     * @param predicted examples for which it was predicted
     */
    public record LabelScore(String label, double precision, double recall, double f1, int support, int predicted) {}

    /**
     * One kind of confusion.
     *
     * @param truth the true label
     * @param predicted the label predicted instead
     * @param count how often
     */
    public record Confusion(String truth, String predicted, int count) {}

    /** The names of the labels. */
    public List<String> labels() {
        return labels;
    }

    /** How often label {@code predicted} was predicted where {@code truth} was right. */
    public int count(int truth, int predicted) {
        return counts[truth][predicted];
    }

    /** Examples that truly have the label. */
    public int support(int truth) {
        int sum = 0;
        for (int count : counts[truth]) {
            sum += count;
        }
        return sum;
    }

    /** All examples. */
    public int examples() {
        int sum = 0;
        for (int truth = 0; truth < counts.length; truth++) {
            sum += support(truth);
        }
        return sum;
    }

    /** Share of examples with the right label; NaN without examples. */
    public double accuracy() {
        long right = 0;
        for (int i = 0; i < counts.length; i++) {
            right += counts[i][i];
        }
        return right / (double) examples();
    }

    /**
     * Unweighted mean of F1 over the labels that occur, be it as truth or as prediction (as scikit-learn takes it); NaN without
     * examples.
     */
    public double macroF1() {
        return perLabel().stream()
                .filter(score -> score.support() + score.predicted() > 0)
                .mapToDouble(LabelScore::f1)
                .average()
                .orElse(Double.NaN);
    }

    /** The scores of each label, in the order of the labels. */
    public List<LabelScore> perLabel() {
        List<LabelScore> scores = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            int right = counts[i][i];
            int support = support(i);
            int predicted = 0;
            for (int[] row : counts) {
                predicted += row[i];
            }
            scores.add(new LabelScore(
                    labels.get(i),
                    share(right, predicted),
                    share(right, support),
                    share(2L * right, (long) support + predicted),
                    support,
                    predicted));
        }
        return scores;
    }

    /** The most frequent confusions, at most {@code limit} of them, the most frequent first. */
    public List<Confusion> topConfusions(int limit) {
        List<Confusion> confusions = new ArrayList<>();
        for (int truth = 0; truth < counts.length; truth++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                if (truth != predicted && counts[truth][predicted] > 0) {
                    confusions.add(new Confusion(labels.get(truth), labels.get(predicted), counts[truth][predicted]));
                }
            }
        }
        confusions.sort(Comparator.comparingInt(Confusion::count).reversed());
        return List.copyOf(confusions.subList(0, Math.min(limit, confusions.size())));
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : part / (double) whole;
    }
}
