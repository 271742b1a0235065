package dev.shoestring.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The global norm of gradients. */
public final class GradientNorm {
    /** What LibTorch adds to the norm before it divides by it. */
    private static final double STEADY = 1e-6;

    private GradientNorm() {}

    /**
     * Scales the gradients of {@code parameters} so that their joint 2-norm is at most {@code maxNorm} (arXiv 1211.5063).
     *
     * @return the norm before scaling; not finite if any gradient is not
     */
    public static double clip(List<Tensor> parameters, double maxNorm) {
        List<Tensor> withGradients = new ArrayList<>();
        for (Tensor parameter : parameters) {
            try (var gradient = parameter.handle().grad()) {
                if (gradient.defined()) {
                    withGradients.add(parameter);
                }
            }
        }
        try (TensorVector vector = Tensor.vector(withGradients)) {
            return torch.clip_grad_norm_(vector, maxNorm);
        }
    }

    /** The 2-norm of a parameter's gradient, 0 where it has none. */
    public static double of(Tensor parameter) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor gradient = parameter.grad();
            return gradient == null ? 0 : gradient.norm().item();
        }
    }

    /**
     * As {@link #clip} does, for gradients that are divided among processes.
     *
     * @param parameters those whose gradients this process has
     * @param norms the norms of all gradients, in the order of all parameters
     */
    public static double clip(List<Tensor> parameters, float[] norms, double maxNorm) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor each_P = Tensor.of(norms, norms.length);
            // In single precision as clip_grad_norm_ has it, so that the bits are those of one process.
            Tensor total = norms.length == 1 ? each_P.view(1) : each_P.norm().view(1);
            Tensor factor = Tensor.full(maxNorm, 1).div(total.add(STEADY)).clamp(0, 1);
            for (Tensor parameter : parameters) {
                Tensor gradient = parameter.grad();
                if (gradient != null) {
                    gradient.mulInPlace(factor);
                }
            }
            return total.item();
        }
    }
}
