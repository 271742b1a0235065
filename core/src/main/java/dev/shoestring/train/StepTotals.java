package dev.shoestring.train;

import dev.shoestring.cost.CpuLaps;
import dev.shoestring.tensor.Collectives;
import org.jspecify.annotations.Nullable;

/** What processes that go step by step together agree on before one, and add up after it. */
final class StepTotals {
    private final Collectives together;
    private final CpuLaps processor = new CpuLaps();

    StepTotals(Collectives together) {
        this.together = together;
    }

    /** As {@link GradientSync#agree}. */
    GradientSync.Agreement agree(double weight, double factor, @Nullable StopReason stop) {
        double[] values = new double[2 + StopSignal.length()];
        values[0] = weight;
        values[1] = together.rank() == 0 ? factor : 0;
        StopSignal.write(stop, values, 2);
        double[] sums = together.sum(values);
        return new GradientSync.Agreement(sums[0], sums[1], StopSignal.read(sums, 2));
    }

    /** As {@link GradientSync#total}. */
    StepRecord total(StepRecord own) {
        double spent = processor.lap();
        double[] sums = together.sum(
                own.loss(), own.examples(), (double) own.tokens(), own.flops(), own.repeatedFlops(), spent);
        return new StepRecord(
                own.step(),
                own.steps(),
                sums[0],
                own.lrFactor(),
                own.gradientNorm(),
                (int) sums[1],
                (long) sums[2],
                sums[3],
                sums[4],
                own.seconds(),
                sums[5] - spent);
    }
}
