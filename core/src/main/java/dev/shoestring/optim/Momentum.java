package dev.shoestring.optim;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The running sums of gradients that SGD and Muon keep, one for each parameter, outside scopes. */
final class Momentum {
    private final Map<String, Tensor> sums = new LinkedHashMap<>();
    private final double decay;

    Momentum(List<ParameterGroup> groups, double decay, Shards shards) {
        this.decay = decay;
        Set<Tensor> kept = shards.kept(groups);
        for (ParameterGroup group : groups) {
            group.parameters().forEach((name, parameter) -> {
                if (kept.contains(parameter)) {
                    sums.put(
                            name,
                            Tensor.zeros(DType.FLOAT32, parameter.shape())
                                    .unscoped()
                                    .named("momentum of " + name));
                }
            });
        }
    }

    /** Adds a gradient and gives Nesterov's look ahead: the gradient plus {@code decay} times the sum. */
    Tensor nesterov(String name, Tensor gradient) {
        Tensor sum = Objects.requireNonNull(sums.get(name), name);
        sum.mulInPlace(decay).addInPlace(gradient, 1);
        return gradient.add(sum.mul(decay));
    }

    Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        sums.forEach((name, sum) -> state.put("optimizer.momentum." + name, sum));
        return state;
    }

    void close() {
        sums.values().forEach(Tensor::close);
    }
}
