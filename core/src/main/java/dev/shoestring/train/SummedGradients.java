package dev.shoestring.train;

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
 * Data parallelism: every process trains on its part of the global batch, and gradients are added up in buckets, each on its
 * way as soon as the backward pass has filled it (arXiv 2006.15704, section 3.2). Losses are divided by the terms of the whole step, so the sum is the gradient of one
 * process with the whole batch, whatever the parts are.
 */
public final class SummedGradients implements GradientSync, AutoCloseable {
    private final Collectives together;
    private final DType type;
    private final Collection<Tensor> running;
    private final StepTotals totals;
    private boolean boundary = true;
    private final List<Tensor> parameters;
    private final ReadyGradients ready;
    private final List<Bucket> buckets = new ArrayList<>();
    private final List<Collectives.Pending> pending = new ArrayList<>();

    /**
     * Sums over these processes.
     *
     * @param compressed whether gradients travel in bf16, in half the bytes and rounded
     * @param parameters the parameters that are trained
     * @param running running statistics, which each process gathers from its own examples; made their mean before an evaluation
     */
    public SummedGradients(
            Collectives together, boolean compressed, List<Tensor> parameters, Collection<Tensor> running) {
        this.together = together;
        this.type = compressed ? DType.BFLOAT16 : DType.FLOAT32;
        this.running = List.copyOf(running);
        this.totals = new StepTotals(together);
        this.parameters = List.copyOf(parameters);
        this.ready = new ReadyGradients(together, parameters);
    }

    /** Parameters whose gradients travel together; behind them a number for each, whether this process has a gradient for it. */
    private record Bucket(List<Tensor> parameters, Tensor room) {}

    @Override
    public Agreement agree(double weight, double factor, @Nullable StopReason stop) {
        boundary = true;
        return totals.agree(weight, factor, stop);
    }

    @Override
    public void lastBackward() {
        ready.arm();
    }

    @Override
    public void synchronize(List<Tensor> ofTheStep) {
        // The forward pass has moved the running statistics; the optimizer's step comes next.
        boundary = running.isEmpty();
        if (!ready.knows()) {
            plan();
        }
        try (NoGrad guard = NoGrad.on()) {
            ready.finish();
            for (int i = 0; i < pending.size(); i++) {
                try (TensorScope scope = TensorScope.open()) {
                    pending.get(i).await();
                    empty(buckets.get(i));
                }
            }
            pending.clear();
        }
        boundary = false;
    }

    @Override
    public boolean atBoundary() {
        return boundary;
    }

    private void plan() {
        List<List<Integer>> parts = new ArrayList<>();
        List<Integer> some = new ArrayList<>();
        long numbers = 0;
        for (int i : ready.learn()) {
            some.add(i);
            numbers += parameters.get(i).numel() + 1;
            if (numbers >= ready.partSize()) {
                parts.add(some);
                buckets.add(bucket(some, numbers));
                some = new ArrayList<>();
                numbers = 0;
            }
        }
        if (!some.isEmpty()) {
            parts.add(some);
            buckets.add(bucket(some, numbers));
        }
        ready.divide(parts, this::send);
    }

    private Bucket bucket(List<Integer> which, long numbers) {
        return new Bucket(
                which.stream().map(parameters::get).toList(),
                Tensor.zeros(type, numbers).unscoped().named("gradients on their way"));
    }

    /** Called in the backward pass. */
    private void send(int part) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            fill(buckets.get(part));
            pending.add(together.start(buckets.get(part).room()));
        }
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
        return totals.total(own);
    }

    @Override
    public void beforeEvaluation() {
        boundary = false;
        together.mean(running);
    }

    @Override
    public void close() {
        ready.close();
        buckets.forEach(bucket -> bucket.room().close());
    }
}
