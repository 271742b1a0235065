package dev.shoestring.train;

import org.jspecify.annotations.Nullable;

/**
 * What was measured on a held-out split.
 *
 * @param accuracy share of examples with the right label, or of pairs whose better answer is preferred; null where nothing is chosen
 * @param macroF1 unweighted mean of the labels' F1 scores; null where there are no labels
 * @param loss mean cross-entropy of a label, or of a token, nats; of preference pairs, the mean loss of a pair
 * @param bitsPerByte cross-entropy of the whole text over its bytes in UTF-8; null where the text is not modelled
 * @param rewardMargin how much greater the reward of the better answer is, a mean; null where no answers are compared
 * @param terms examples, tokens or pairs that the means are over
 */
public record Measurement(
        @Nullable Double accuracy,
        @Nullable Double macroF1,
        double loss,
        @Nullable Double bitsPerByte,
        @Nullable Double rewardMargin,
        long terms) {
    /** That of class scores. */
    public static Measurement of(ClassificationMetrics metrics) {
        return new Measurement(metrics.accuracy(), metrics.macroF1(), metrics.loss(), null, null, metrics.examples());
    }

    /** That of preference pairs. */
    public static Measurement of(PreferenceMetrics metrics) {
        return new Measurement(metrics.accuracy(), null, metrics.loss(), null, metrics.rewardMargin(), metrics.pairs());
    }
}
