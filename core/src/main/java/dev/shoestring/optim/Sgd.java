package dev.shoestring.optim;

import dev.shoestring.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent with Nesterov's momentum as PyTorch computes it: with g the gradient plus weight decay times the
 * weight, and m ← μ·m + g, the weight moves by −lr·(g + μ·m).
 */
public final class Sgd implements Optimizer {
    private final List<ParameterGroup> groups;
    private final Momentum momentum;
    private final Shards shards;

    /** An optimizer at rest. */
    public Sgd(List<ParameterGroup> groups, double momentum) {
        this(groups, momentum, Shards.WHOLE);
    }

    /** An optimizer at rest with this process's share of the state. */
    public Sgd(List<ParameterGroup> groups, double momentum, Shards shards) {
        this.groups = List.copyOf(groups);
        this.momentum = new Momentum(groups, momentum, shards);
        this.shards = shards;
    }

    @Override
    public void step(double factor) {
        ParameterGroup.updateEach(groups, (group, name, parameter, gradient) -> {
            Tensor decayed = group.weightDecay() == 0
                    ? gradient
                    : gradient.add(parameter.detach().mul(group.weightDecay()));
            parameter.addInPlace(momentum.nesterov(name, decayed), -group.lr() * factor);
        });
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
        return momentum.state();
    }

    @Override
    public void close() {
        momentum.close();
    }
}
