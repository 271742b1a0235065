package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;

/** {@code x · weightᵀ + bias}. Parameters: {@code weight} (out, in) and {@code bias} (out). */
public final class Linear {
    private final Tensor weight_OI;
    private final Tensor bias_O;

    /** Takes its parameters from the store under {@code name}. */
    public Linear(ParameterStore store, String name, int in, int out) {
        weight_OI = store.parameter(name + ".weight", new Initializer.Normal(0.02), out, in);
        bias_O = store.parameter(name + ".bias", new Initializer.Constant(0), out);
    }

    /** Maps (…, in) to (…, out). */
    public Tensor forward(Tensor x) {
        return x.linear(weight_OI, bias_O);
    }

    /** The weight, of shape (out, in). */
    public Tensor weight() {
        return weight_OI;
    }

    /** The bias, of shape (out). */
    public Tensor bias() {
        return bias_O;
    }
}
