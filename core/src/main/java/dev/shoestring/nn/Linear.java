package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** {@code x · weightᵀ + bias}. Parameters: {@code weight} (out, in) and, unless it has none, {@code bias} (out). */
public final class Linear implements Adaptable {
    private static final double DEVIATION = 0.02;

    private final String name;
    private final Tensor weight_OI;
    private final @Nullable Tensor bias_O;
    private @Nullable LowRankUpdate update;

    /** Takes its parameters from the store under {@code name}. */
    public Linear(ParameterStore store, String name, int in, int out) {
        this(store, name, in, out, true, DEVIATION);
    }

    private Linear(ParameterStore store, String name, int in, int out, boolean biased, double deviation) {
        this.name = name;
        weight_OI = store.parameter(name + ".weight", new Initializer.Normal(deviation), out, in);
        bias_O = biased ? store.parameter(name + ".bias", new Initializer.Constant(0), out) : null;
        store.offers(this);
    }

    /**
     * A layer with or without a bias.
     *
     * @param deviation standard deviation of new weights
     */
    public static Linear of(ParameterStore store, String name, int in, int out, boolean biased, double deviation) {
        return new Linear(store, name, in, out, biased, deviation);
    }

    /** Maps (…, in) to (…, out). */
    public Tensor forward(Tensor x) {
        Tensor plain = bias_O == null ? x.linear(weight_OI) : x.linear(weight_OI, bias_O);
        return update == null ? plain : update.addedTo(plain, x, weight_OI, bias_O);
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
        if (bias_O == null) {
            throw new IllegalStateException(name + " has no bias");
        }
        return bias_O;
    }
}
