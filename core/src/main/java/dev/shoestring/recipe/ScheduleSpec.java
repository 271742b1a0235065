package dev.shoestring.recipe;

/**
 * The learning-rate schedule; key {@code schedule}.
 *
 * @param kind its shape
 * @param epochs passes over the training data; may be fractional
 * @param warmup share of the steps in which the rate rises linearly from 0
 */
public record ScheduleSpec(Kind kind, double epochs, double warmup) {
    /** Shapes of a schedule. */
    public enum Kind {
        /** Linear warm-up, then half a cosine down to 0. */
        WARMUP_COSINE,
        /** Linear warm-up, then a straight line down to 0. */
        WARMUP_LINEAR,
        /** Linear warm-up, then constant. */
        CONSTANT
    }
}
