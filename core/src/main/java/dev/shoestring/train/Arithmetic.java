package dev.shoestring.train;

import dev.shoestring.tensor.Autocast;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.util.function.Supplier;

/** The arithmetic of forward passes. */
public enum Arithmetic {
    /** Single precision throughout. */
    FP32 {
        @Override
        public Tensor run(Supplier<Tensor> forward) {
            return forward.get();
        }
    },
    /** Matrix products in bfloat16, parameters and optimizer in single precision (arXiv 1905.12322). */
    BF16 {
        @Override
        public Tensor run(Supplier<Tensor> forward) {
            try (Autocast autocast = Autocast.to(DType.BFLOAT16)) {
                return forward.get();
            }
        }
    };

    /** Runs one forward pass. */
    public abstract Tensor run(Supplier<Tensor> forward);
}
