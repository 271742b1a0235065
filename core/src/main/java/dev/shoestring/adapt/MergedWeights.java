package dev.shoestring.adapt;

import dev.shoestring.nn.LowRankUpdate;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** A network's parameters as they are used, updates added, under the names of the network without them. */
public final class MergedWeights {
    private MergedWeights() {}

    /**
     * Each parameter is made when it is asked for, in the scope that is then open, so that a large network can be written one by one. What
     * has no update is the parameter itself.
     */
    public static Map<String, Supplier<Tensor>> of(ParameterStore store) {
        Map<String, Supplier<Tensor>> merged = new LinkedHashMap<>();
        store.all().forEach((name, parameter) -> {
            if (!LowRankUpdate.owns(name)) {
                merged.put(name, () -> parameter);
            }
        });
        store.adaptables()
                .forEach(layer -> merged.put(layer.weightName(), () -> {
                    try (NoGrad guard = NoGrad.on()) {
                        return layer.effectiveWeight().contiguous();
                    }
                }));
        return merged;
    }
}
