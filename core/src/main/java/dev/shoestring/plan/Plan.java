package dev.shoestring.plan;

import org.jspecify.annotations.Nullable;

/**
 * What a job will take. Every number is predicted.
 *
 * @param job what is trained
 * @param hardware on what
 * @param layout how it is spread
 * @param memory of the fullest device
 * @param step time of one optimizer step
 * @param steps optimizer steps
 * @param seconds wall time; {@code low} and {@code high} hold eight of ten published runs
 * @param modelFlops useful floating-point operations of the whole job
 * @param mfu model FLOPs utilization: useful operations against the peak of the precision
 * @param energy of the boards, joules
 * @param money what the devices cost; null without a price
 * @param currency ISO 4217 code
 * @param largestMicroBatch most sequences in one pass that fit in this layout
 */
public record Plan(
        Workload job,
        Hardware hardware,
        Layout layout,
        MemoryParts memory,
        StepTime step,
        double steps,
        Interval seconds,
        double modelFlops,
        double mfu,
        Interval energy,
        @Nullable Interval money,
        String currency,
        int largestMicroBatch) {
    /** How far the tenth and the ninetieth percentile of measured against predicted time lie off, over the published runs. */
    static final double FASTER = 0.85;

    static final double SLOWER = 1.35;

    /** Share of its power limit that a board draws while it trains. */
    private static final double DRAW = 0.9;

    private static final double LEAST_DRAW = 0.7;

    private static final double SECONDS_IN_AN_HOUR = 3600;

    /**
     * A prediction with its bounds.
     *
     * @param low tenth percentile
     * @param middle the prediction
     * @param high ninetieth percentile
     */
    public record Interval(double low, double middle, double high) {
        Interval times(double factor) {
            return new Interval(low * factor, middle * factor, high * factor);
        }
    }

    static Plan of(Workload job, Hardware hardware, Layout layout, MemoryParts memory, StepTime step, int largest) {
        double steps = job.tokens() / job.batchTokens();
        double middle = steps * step.total();
        Interval seconds = new Interval(middle * FASTER, middle, middle * SLOWER);
        double flops =
                job.tokens() * TransformerFlops.of(job.model(), job.sequence()).training(job);
        double peak = hardware.peakOf(job.precision()) * layout.devices();
        double watts = hardware.watts() * layout.devices();
        Interval energy =
                new Interval(seconds.low() * watts * LEAST_DRAW, middle * watts * DRAW, seconds.high() * watts);
        Hardware.Price price = hardware.price();
        return new Plan(
                job,
                hardware,
                layout,
                memory,
                step,
                steps,
                seconds,
                flops,
                flops / (middle * peak),
                energy,
                price == null ? null : seconds.times(layout.devices() * price.perHour() / SECONDS_IN_AN_HOUR),
                price == null ? "USD" : price.currency(),
                largest);
    }

    /** Device-hours. */
    public double deviceHours() {
        return seconds.middle() * layout.devices() / SECONDS_IN_AN_HOUR;
    }

    /** Tokens in a second on each device. */
    public double tokensPerSecond() {
        return job.batchTokens() / step.total() / layout.devices();
    }
}
