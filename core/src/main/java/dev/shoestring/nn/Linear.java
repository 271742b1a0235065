package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** {@code x · weightᵀ + bias}. Parameters: {@code weight} (out, in) and {@code bias} (out). */
public final class Linear implements Adaptable {
    private final String name;
    private final Tensor weight_OI;
    private @Nullable LowRankUpdate update;
    private final Tensor bias_O;

    /** Takes its parameters from the store under {@code name}. */
    public Linear(ParameterStore store, String name, int in, int out) {
        this.name = name;
        weight_OI = store.parameter(name + ".weight", new Initializer.Normal(0.02), out, in);
        bias_O = store.parameter(name + ".bias", new Initializer.Constant(0), out);
        store.offers(this);
    }

    /** Maps (…, in) to (…, out). */
    public Tensor forward(Tensor x) {
        return x.linear(effectiveWeight(), bias_O);
    }

    @Override
    public String weightName() {
        return name + ".weight";
    }

    @Override
    public void adapt(LowRankUpdate newUpdate) {
        update = newUpdate;
    }

    @Override
    public Tensor effectiveWeight() {
        return update == null ? weight_OI : update.addedTo(weight_OI);
    }

    /** The weight, of shape (out, in). */
    @Override
    public Tensor weight() {
        return weight_OI;
    }

    /** The bias, of shape (out). */
    public Tensor bias() {
        return bias_O;
    }
}
