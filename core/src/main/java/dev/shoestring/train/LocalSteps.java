package dev.shoestring.train;

import dev.shoestring.cost.CpuLaps;
import dev.shoestring.recipe.DistributedSpec;
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
 * For slow networks: each process does a number of steps by itself, and then all take a step along the mean of what they changed, with
 * Nesterov momentum (DiLoCo, arXiv 2311.08105, algorithm 1). The parameters may be sent in fragments at different steps, so that less is sent
 * at once (arXiv 2501.18512, section 3.1; without its overlap), and in bf16. Between exchanges nothing is agreed on: a stop waits for the next.
 */
public final class LocalSteps implements GradientSync, AutoCloseable {
    private final Collectives together;
    private final DistributedSpec spec;
    private final long steps;
    private final Collection<Tensor> running;
    private final List<Tensor> parameters;
    private final List<Tensor> outer = new ArrayList<>();
    private final List<Tensor> momenta = new ArrayList<>();
    private final int[] fragment;
    private final long[] exchanged;
    private long now;
    private final CpuLaps processor = new CpuLaps();
    private boolean met = true;
    private boolean boundary = true;

    /**
     * Begins from parameters that are the same in all processes.
     *
     * @param trained the parameters that are trained
     * @param steps steps of the whole run: after the last all are the same
     * @param running running statistics, which each process gathers from its own examples
     */
    public LocalSteps(
            Collectives together, DistributedSpec spec, List<Tensor> trained, long steps, Collection<Tensor> running) {
        this.together = together;
        this.spec = spec;
        this.steps = steps;
        this.running = List.copyOf(running);
        this.parameters = List.copyOf(trained);
        this.fragment = fragments(parameters, spec.fragments());
        this.exchanged = new long[spec.fragments()];
        for (Tensor parameter : parameters) {
            outer.add(Tensor.zeros(DType.FLOAT32, parameter.shape())
                    .unscoped()
                    .named("outer parameter")
                    .copyFrom(parameter));
            momenta.add(
                    Tensor.zeros(DType.FLOAT32, parameter.shape()).unscoped().named("outer momentum"));
        }
    }

    /** Parts of about as many numbers each, of parameters that follow each other. */
    private static int[] fragments(List<Tensor> parameters, int count) {
        long all = parameters.stream().mapToLong(Tensor::numel).sum();
        int[] fragment = new int[parameters.size()];
        long before = 0;
        for (int i = 0; i < fragment.length; i++) {
            fragment[i] = (int) Math.min(count - 1, before * count / Math.max(1, all));
            before += parameters.get(i).numel();
        }
        return fragment;
    }

    @Override
    public Agreement agree(double weight, double factor, @Nullable StopReason stop) {
        if (!met) {
            return new Agreement(weight, factor, null);
        }
        boundary = true;
        double[] values = new double[StopSignal.length()];
        StopSignal.write(stop, values, 0);
        double[] sums = together.sum(values);
        met = false;
        return new Agreement(weight, factor, StopSignal.read(sums, 0));
    }

    @Override
    public void synchronize(List<Tensor> ofTheStep) {
        // Each process goes by its own gradient.
        boundary = false;
    }

    @Override
    public boolean atBoundary() {
        return boundary;
    }

    @Override
    public void afterStep(long step) {
        now = step;
        for (int part = 0; part < spec.fragments(); part++) {
            long shift = (long) part * spec.localSteps() / spec.fragments();
            if (step == steps || (step + shift) % spec.localSteps() == 0) {
                exchange(part);
                met |= part == 0;
            }
        }
    }

    /** Exchanges what has changed since it last was. */
    private void exchangeAll() {
        for (int part = 0; part < spec.fragments(); part++) {
            if (exchanged[part] < now) {
                exchange(part);
            }
        }
    }

    /** θ ← outer step along the mean of (outer θ − θ). */
    private void exchange(int part) {
        exchanged[part] = now;
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            List<Tensor> changes = new ArrayList<>();
            List<Integer> which = new ArrayList<>();
            for (int i = 0; i < parameters.size(); i++) {
                if (fragment[i] == part) {
                    which.add(i);
                    changes.add(outer.get(i)
                            .sub(parameters.get(i).detach().to(DType.FLOAT32))
                            .reshape(-1));
                }
            }
            if (changes.isEmpty()) {
                return;
            }
            Tensor all = Tensor.cat(changes, 0).to(spec.compressed() ? DType.BFLOAT16 : DType.FLOAT32);
            together.start(all).await();
            Tensor mean = all.to(DType.FLOAT32).mul(1.0 / together.size());
            long at = 0;
            for (int i : which) {
                Tensor change = mean.narrow(0, at, parameters.get(i).numel())
                        .view(parameters.get(i).shape());
                at += parameters.get(i).numel();
                Tensor momentum =
                        momenta.get(i).mulInPlace(spec.outerMomentum()).addInPlace(change, 1);
                Tensor direction = change.add(momentum.mul(spec.outerMomentum()));
                outer.get(i).addInPlace(direction, -spec.outerRate());
                parameters.get(i).copyFrom(outer.get(i));
            }
        }
    }

    @Override
    public StepRecord total(StepRecord own) {
        // Every process has as many micro-batches; what each really had is not worth a message in every step.
        int n = together.size();
        double spent = processor.lap();
        return new StepRecord(
                own.step(),
                own.steps(),
                own.loss(),
                own.lrFactor(),
                own.gradientNorm(),
                own.examples() * n,
                own.tokens() * n,
                own.flops() * n,
                own.repeatedFlops() * n,
                own.seconds(),
                spent * (n - 1));
    }

    /** Each goes by its own loss, so one may know alone that it is no number. */
    @Override
    public boolean allFinite(boolean finite) {
        return together.sum(finite ? 0 : 1)[0] == 0;
    }

    @Override
    public void beforeEvaluation() {
        exchangeAll();
        met = true;
        together.mean(running);
    }

    @Override
    public void close() {
        outer.forEach(Tensor::close);
        momenta.forEach(Tensor::close);
    }
}
