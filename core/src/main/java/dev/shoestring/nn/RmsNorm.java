package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;

/** Root mean square normalization over the last dimension (arXiv 1910.07467). Parameter: {@code weight} (width). */
public final class RmsNorm {
    private final Tensor weight_D;
    private final double eps;

    /** Takes its parameter from the store under {@code name}. */
    public RmsNorm(ParameterStore store, String name, int width, double eps) {
        weight_D = store.parameter(name + ".weight", new Initializer.Constant(1), width);
        this.eps = eps;
    }

    /** Normalizes (…, width), in the input's element type. */
    public Tensor forward(Tensor x) {
        return x.rmsNorm(weight_D.to(x.dtype()), eps);
    }
}
