package dev.shoestring.train;

/**
 * What an evaluation of the validation split gave.
 *
 * @param step steps done
 * @param value the watched metric; the greater the better
 * @param accuracy share of examples with the right label
 * @param macroF1 unweighted mean of the labels' F1 scores
 * @param loss mean cross-entropy
 * @param best whether no earlier evaluation was better
 * @param seconds wall time that it took
 */
public record EvaluationRecord(
        long step, double value, double accuracy, double macroF1, double loss, boolean best, double seconds) {}
