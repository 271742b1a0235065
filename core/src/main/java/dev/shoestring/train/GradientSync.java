package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;
import java.util.List;

/** Makes the gradients of all processes the same before the optimizer's step. */
@FunctionalInterface
public interface GradientSync {
    /** Replaces each parameter's gradient by the sum over the processes. */
    void synchronize(List<Tensor> parameters);

    /** One process: nothing to do. */
    static GradientSync none() {
        return parameters -> {};
    }
}
