package dev.shoestring.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The global norm of gradients. */
public final class GradientNorm {
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
}
