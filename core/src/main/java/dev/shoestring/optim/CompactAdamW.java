package dev.shoestring.optim;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.FusedAdamW;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * AdamW (arXiv 1711.05101, algorithm 2) with moments in bfloat16 or in eight bits, and for parameters in float32 or bfloat16. Each step
 * computes in float32, some hundred thousand elements at a time, and rounds what it stores stochastically ({@link RoundingNoise}).
 */
public final class CompactAdamW implements Optimizer {
    private static final long SALT = 0x726f756e64L;

    /** How moments are kept. */
    public enum Moments {
        /** In bfloat16, two bytes each. */
        BF16,
        /** In eight bits, with a scale for each 256. */
        INT8
    }

    private record State(StoredMoment first, StoredMoment second) {}

    private final List<ParameterGroup> groups;
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final Shards shards;
    private final Map<String, State> states = new LinkedHashMap<>();
    private final Tensor steps = Tensor.zeros(DType.FLOAT32, 1).unscoped().named("steps of the optimizer");
    private final RoundingNoise noise = new RoundingNoise();

    /** An optimizer with zero moments. */
    public CompactAdamW(List<ParameterGroup> groups, double beta1, double beta2, double eps, Moments moments) {
        this(groups, beta1, beta2, eps, moments, Shards.WHOLE);
    }

    /** An optimizer with zero moments of this process's share of the parameters. */
    public CompactAdamW(
            List<ParameterGroup> groups, double beta1, double beta2, double eps, Moments moments, Shards shards) {
        this.groups = List.copyOf(groups);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.shards = shards;
        Set<Tensor> kept = shards.kept(groups);
        for (ParameterGroup group : groups) {
            group.parameters().forEach((name, parameter) -> {
                if (kept.contains(parameter)) {
                    states.put(
                            name,
                            new State(
                                    moment(moments, parameter, RoundingNoise.Kind.FIRST),
                                    moment(moments, parameter, RoundingNoise.Kind.SECOND)));
                }
            });
        }
    }

    private static StoredMoment moment(Moments moments, Tensor parameter, RoundingNoise.Kind kind) {
        return moments == Moments.BF16
                ? HalfMoment.zeros(parameter.numel(), kind)
                : ByteMoment.zeros(parameter.numel(), kind);
    }

    @Override
    public void step(double factor) {
        try (TensorScope scope = TensorScope.open()) {
            steps.copyFrom(steps.add(1));
            noise.draw(SALT, (long) steps.item());
        }
        ParameterGroup.updateEach(groups, (group, name, parameter, gradient) -> {
            State state = Objects.requireNonNull(states.get(name));
            Tensor flat_N = parameter.detach().view(-1);
            Tensor gradient_N = gradient.contiguous().view(-1);
            FusedAdamW.Settings settings =
                    new FusedAdamW.Settings(group.lr() * factor, beta1, beta2, group.weightDecay(), eps);
            for (long start = 0; start < flat_N.numel(); start += RoundingNoise.PIECE) {
                long length = Math.min(RoundingNoise.PIECE, flat_N.numel() - start);
                try (TensorScope scope = TensorScope.open();
                        NoGrad guard = NoGrad.on()) {
                    update(
                            flat_N.narrow(0, start, length),
                            gradient_N.narrow(0, start, length),
                            state,
                            start,
                            settings);
                }
            }
        });
    }

    private void update(Tensor stored_N, Tensor gradient_N, State state, long start, FusedAdamW.Settings settings) {
        long length = stored_N.numel();
        Tensor parameter_N = stored_N.to(DType.FLOAT32);
        Tensor first_N = state.first().read(start, length);
        Tensor second_N = state.second().read(start, length);
        FusedAdamW.update(
                List.of(parameter_N),
                List.of(gradient_N.to(DType.FLOAT32)),
                List.of(first_N),
                List.of(second_N),
                List.of(steps),
                settings);
        state.first().write(start, first_N, noise);
        state.second().write(start, second_N, noise);
        if (stored_N.dtype() == DType.BFLOAT16) {
            stored_N.copyFrom(noise.bf16(parameter_N, RoundingNoise.Kind.PARAMETER));
        }
    }

    @Override
    public List<Tensor> parameters() {
        return ParameterGroup.parametersOf(groups);
    }

    @Override
    public List<Integer> owners() {
        return shards.owners(parameters());
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("optimizer.steps", steps);
        states.forEach((name, state) -> {
            state.first().state().forEach((end, tensor) -> all.put("optimizer.first_moment." + name + end, tensor));
            state.second().state().forEach((end, tensor) -> all.put("optimizer.second_moment." + name + end, tensor));
        });
        return all;
    }

    @Override
    public void close() {
        steps.close();
        noise.close();
        states.values().forEach(state -> {
            state.first().close();
            state.second().close();
        });
    }
}
