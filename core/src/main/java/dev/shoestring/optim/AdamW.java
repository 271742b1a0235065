package dev.shoestring.optim;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.FusedAdamW;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * AdamW (arXiv 1711.05101, algorithm 2) through LibTorch's fused kernel. Parameters come in groups with a peak rate and a weight
 * decay each. A parameter without a gradient in a step is left alone in it.
 */
public final class AdamW implements Optimizer {
    private record State(Tensor firstMoment, Tensor secondMoment, Tensor step) {}

    private final List<ParameterGroup> groups;
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final Shards shards;
    private final Map<String, State> states = new LinkedHashMap<>();

    /** An optimizer with zero moments. */
    public AdamW(List<ParameterGroup> groups, double beta1, double beta2, double eps) {
        this(groups, beta1, beta2, eps, Shards.WHOLE);
    }

    /** An optimizer with zero moments of this process's share of the parameters. */
    public AdamW(List<ParameterGroup> groups, double beta1, double beta2, double eps, Shards shards) {
        this.groups = List.copyOf(groups);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.shards = shards;
        Set<Tensor> kept = shards.kept(groups);
        for (ParameterGroup group : groups) {
            group.parameters().forEach((name, parameter) -> {
                if (!kept.contains(parameter)) {
                    return;
                }
                long[] shape = parameter.shape();
                states.put(
                        name,
                        new State(
                                Tensor.zeros(DType.FLOAT32, shape).unscoped().named("first moment of " + name),
                                Tensor.zeros(DType.FLOAT32, shape).unscoped().named("second moment of " + name),
                                Tensor.zeros(DType.FLOAT32, 1).unscoped().named("step of " + name)));
            });
        }
    }

    @Override
    public void step(double factor) {
        for (ParameterGroup group : groups) {
            try (TensorScope scope = TensorScope.open()) {
                update(group, factor);
            }
        }
    }

    private void update(ParameterGroup group, double factor) {
        List<Tensor> parameters = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        List<Tensor> firstMoments = new ArrayList<>();
        List<Tensor> secondMoments = new ArrayList<>();
        List<Tensor> steps = new ArrayList<>();
        group.parameters().forEach((name, parameter) -> {
            Tensor gradient = parameter.grad();
            if (gradient != null) {
                State state = Objects.requireNonNull(states.get(name));
                parameters.add(parameter);
                gradients.add(gradient);
                firstMoments.add(state.firstMoment());
                secondMoments.add(state.secondMoment());
                steps.add(state.step().copyFrom(state.step().add(1)));
            }
        });
        FusedAdamW.update(
                parameters,
                gradients,
                firstMoments,
                secondMoments,
                steps,
                new FusedAdamW.Settings(group.lr() * factor, beta1, beta2, group.weightDecay(), eps));
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
        states.forEach((name, state) -> {
            all.put("optimizer.first_moment." + name, state.firstMoment());
            all.put("optimizer.second_moment." + name, state.secondMoment());
            all.put("optimizer.step." + name, state.step());
        });
        return all;
    }

    @Override
    public void close() {
        state().values().forEach(Tensor::close);
    }
}
