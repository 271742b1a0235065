package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** A copy of the trained parameters as they were at the best evaluation, outside scopes. */
public final class BestWeights implements AutoCloseable {
    private static final String PREFIX = "best.";

    private final Map<String, Tensor> live;
    private final Map<String, Tensor> copies = new LinkedHashMap<>();

    /** Watches these parameters; nothing is copied yet. */
    public BestWeights(Map<String, Tensor> live) {
        this.live = live;
    }

    /** Copies the parameters as they are now. */
    public void remember() {
        live.forEach((name, parameter) -> copies.computeIfAbsent(
                        name, key -> parameter.detach().copy().unscoped().named(PREFIX + key))
                .copyFrom(parameter));
    }

    /** Puts the copies back into the parameters, if there are any. */
    public void restore() {
        copies.forEach((name, copy) -> live.getOrDefault(name, copy).copyFrom(copy));
    }

    /** The copies under their checkpoint names; empty before the first {@link #remember}. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        copies.forEach((name, copy) -> state.put(PREFIX + name, copy));
        return state;
    }

    @Override
    public void close() {
        copies.values().forEach(Tensor::close);
    }
}
