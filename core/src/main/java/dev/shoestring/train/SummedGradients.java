package dev.shoestring.train;

import dev.shoestring.cost.CpuLaps;
import dev.shoestring.tensor.Collectives;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Data parallelism: every process trains on its part of the global batch, and gradients are added up in buckets, several of them on their
 * way at a time (arXiv 2006.15704, section 3.2). Losses are divided by the terms of the whole step, so the sum is the gradient of one
 * process with the whole batch, whatever the parts are.
 */
public final class SummedGradients implements GradientSync, AutoCloseable {
    /** Numbers in a bucket: 25 MB of single precision, c10d's default. */
    private static final int BUCKET = 25 * (1 << 20) / 4;

    private final Collectives together;
    private final DType type;
    private final Collection<Tensor> running;
    private boolean boundary = true;
    private final CpuLaps processor = new CpuLaps();
    private final List<Bucket> buckets = new ArrayList<>();

    /**
     * Sums over these processes.
     *
     * @param compressed whether gradients travel in bf16, in half the bytes and rounded
     * @param running running statistics, which each process gathers from its own examples; made their mean before an evaluation
     */
    public SummedGradients(Collectives together, boolean compressed, Collection<Tensor> running) {
        this.together = together;
        this.type = compressed ? DType.BFLOAT16 : DType.FLOAT32;
        this.running = List.copyOf(running);
    }

    /** Parameters whose gradients travel together; behind them a number for each, whether this process has a gradient for it. */
    private record Bucket(List<Tensor> parameters, Tensor room) {}

    @Override
    public Agreement agree(double weight, double factor, @Nullable StopReason stop) {
        boundary = true;
        double[] values = new double[2 + StopSignal.length()];
        values[0] = weight;
        values[1] = together.rank() == 0 ? factor : 0;
        StopSignal.write(stop, values, 2);
        double[] sums = together.sum(values);
        return new Agreement(sums[0], sums[1], StopSignal.read(sums, 2));
    }

    @Override
    public void synchronize(List<Tensor> parameters) {
        // The forward pass has moved the running statistics; the optimizer's step comes next.
        boundary = running.isEmpty();
        if (buckets.isEmpty()) {
            plan(parameters);
        }
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            List<Collectives.Pending> pending = new ArrayList<>();
            for (Bucket bucket : buckets) {
                fill(bucket);
                pending.add(together.start(bucket.room()));
            }
            for (int i = 0; i < pending.size(); i++) {
                pending.get(i).await();
                empty(buckets.get(i));
            }
        }
        boundary = false;
    }

    @Override
    public boolean atBoundary() {
        return boundary;
    }

    private void plan(List<Tensor> parameters) {
        List<Tensor> some = new ArrayList<>();
        long numbers = 0;
        for (Tensor parameter : parameters) {
            some.add(parameter);
            numbers += parameter.numel() + 1;
            if (numbers >= BUCKET) {
                buckets.add(bucket(some, numbers));
                some = new ArrayList<>();
                numbers = 0;
            }
        }
        if (!some.isEmpty()) {
            buckets.add(bucket(some, numbers));
        }
    }

    private Bucket bucket(List<Tensor> parameters, long numbers) {
        return new Bucket(
                List.copyOf(parameters), Tensor.zeros(type, numbers).unscoped().named("gradients on their way"));
    }

    private static void fill(Bucket bucket) {
        long at = 0;
        long flag = bucket.room().numel() - bucket.parameters().size();
        for (Tensor parameter : bucket.parameters()) {
            Tensor place = bucket.room().narrow(0, at, parameter.numel());
            Tensor gradient = parameter.grad();
            if (gradient == null) {
                place.fill(0);
            } else {
                place.copyFrom(gradient.reshape(-1));
            }
            bucket.room().narrow(0, flag++, 1).fill(gradient == null ? 0 : 1);
            at += parameter.numel();
        }
    }

    private static void empty(Bucket bucket) {
        long at = 0;
        int count = bucket.parameters().size();
        float[] present =
                bucket.room().narrow(0, bucket.room().numel() - count, count).toFloats();
        for (int i = 0; i < count; i++) {
            Tensor parameter = bucket.parameters().get(i);
            Tensor sum = bucket.room().narrow(0, at, parameter.numel()).view(parameter.shape());
            at += parameter.numel();
            if (present[i] > 0) {
                Tensor gradient = parameter.grad();
                if (gradient == null) {
                    parameter.takeGrad(sum.to(parameter.dtype()).copy());
                } else {
                    gradient.copyFrom(sum);
                }
            }
        }
    }

    @Override
    public StepRecord total(StepRecord own) {
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

    @Override
    public void beforeEvaluation() {
        boundary = false;
        together.mean(running);
    }

    @Override
    public void close() {
        buckets.forEach(bucket -> bucket.room().close());
    }
}
