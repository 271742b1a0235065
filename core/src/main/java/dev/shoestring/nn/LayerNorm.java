package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;

/** Layer normalization over the last dimension (arXiv 1607.06450). Parameters: {@code weight} and {@code bias} (width). */
public final class LayerNorm {
    private final Tensor weight_D;
    private final Tensor bias_D;
    private final double eps;

    /** Takes its parameters from the store under {@code name}. */
    public LayerNorm(ParameterStore store, String name, int width, double eps) {
        weight_D = store.parameter(name + ".weight", new Initializer.Constant(1), width);
        bias_D = store.parameter(name + ".bias", new Initializer.Constant(0), width);
        this.eps = eps;
    }

    /** Normalizes (…, width). */
    public Tensor forward(Tensor x) {
        return x.layerNorm(weight_D, bias_D, eps);
    }
}
