package dev.shoestring.train;

import org.jspecify.annotations.Nullable;

/**
 * What was measured on a held-out split.
 *
 * @param accuracy share of examples with the right label, or of pairs whose better answer is preferred; null where nothing is chosen
 * @param macroF1 unweighted mean of the labels' F1 scores; null where there are no labels
 * @param loss mean cross-entropy of a label, or of a token, nats
 * @param bitsPerByte cross-entropy of the whole text over its bytes in UTF-8; null where the text is not modelled
 * @param terms examples, or tokens, that the means are over
 */
public record Measurement(
        @Nullable Double accuracy,
        @Nullable Double macroF1,
        double loss,
        @Nullable Double bitsPerByte,
        long terms) {
    /** That of class scores. */
    public static Measurement of(ClassificationMetrics metrics) {
        return new Measurement(metrics.accuracy(), metrics.macroF1(), metrics.loss(), null, metrics.examples());
    }
}
