package dev.shoestring.train;

/**
 * What one optimizer step was.
 *
 * @param step its number, from 1
 * @param steps steps of the whole schedule
 * @param loss mean loss over its terms
 * @param lrFactor learning rate as a share of its peak
 * @param gradientNorm norm of the gradient before clipping
 * @param examples examples in it
 * @param tokens real tokens in it
 * @param flops floating-point operations of it, the optimizer's not counted
 * @param repeatedFlops floating-point operations of what was computed again in the backward pass
 * @param seconds wall time of it, evaluation and observers not counted
 * @param othersCpuSeconds processor time that other processes spent since their step before
 */
public record StepRecord(
        long step,
        long steps,
        double loss,
        double lrFactor,
        double gradientNorm,
        int examples,
        long tokens,
        double flops,
        double repeatedFlops,
        double seconds,
        double othersCpuSeconds) {
    /** The same, having taken so many seconds. */
    StepRecord within(double wall) {
        return new StepRecord(
                step,
                steps,
                loss,
                lrFactor,
                gradientNorm,
                examples,
                tokens,
                flops,
                repeatedFlops,
                wall,
                othersCpuSeconds);
    }
}
