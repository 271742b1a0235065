package dev.shoestring.train;

/**
 * What an evaluation of the validation split gave.
 *
 * @param step steps done
 * @param value the watched metric
 * @param measured all that was measured
 * @param best whether no earlier evaluation was better
 * @param seconds wall time that it took
 */
public record EvaluationRecord(long step, double value, Measurement measured, boolean best, double seconds) {}
