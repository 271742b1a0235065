package dev.shoestring.recipe;

/**
 * The learning-rate schedule; key {@code schedule}.
 *
 * @param kind its shape
 * @param epochs passes over the training data; may be fractional
 * @param warmup share of the steps in which the rate rises from 0
 * @param cooldown share of the steps in which a trapezoid falls to 0
 * @param minSteps fewest optimizer steps, however few examples there are
 */
public record ScheduleSpec(Kind kind, double epochs, double warmup, double cooldown, int minSteps) {
    /** Cooldown of a trapezoid unless one is given. */
    public static final double COOLDOWN = 0.4;

    /** Shapes of a schedule. */
    public enum Kind {
        /** Linear warm-up, then half a cosine down to 0. */
        WARMUP_COSINE,
        /** Linear warm-up, then a straight line down to 0. */
        WARMUP_LINEAR,
        /** Linear warm-up, then constant. */
        CONSTANT,
        /** Half a cosine up, half a cosine down to 0 (1cycle, arXiv 1708.07120, as PyTorch's {@code OneCycleLR} anneals it). */
        ONE_CYCLE,
        /** Linear warm-up, constant, then a straight line down to 0 (arXiv 2405.18392). */
        TRAPEZOID
    }

    /** A schedule without a cooldown of its own. */
    public ScheduleSpec(Kind kind, double epochs, double warmup) {
        this(kind, epochs, warmup, COOLDOWN, 0);
    }

    /** The same over more or fewer epochs. */
    public ScheduleSpec lasting(double otherEpochs) {
        return new ScheduleSpec(kind, otherEpochs, warmup, cooldown, minSteps);
    }

    /** The same without a fewest number of steps. */
    public ScheduleSpec withoutMinSteps() {
        return new ScheduleSpec(kind, epochs, warmup, cooldown, 0);
    }

    /** Epochs of the whole run, in which there are as many steps. */
    public double epochs(long perEpoch) {
        return (double) steps(perEpoch) / perEpoch;
    }

    /** Optimizer steps of the whole run. */
    public long steps(long perEpoch) {
        return Math.max(1, Math.max(minSteps, Math.round(epochs * perEpoch)));
    }
}
