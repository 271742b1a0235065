package dev.shoestring.train;

import dev.shoestring.models.Decoder;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy of the next token from a decoder's normalized output, some tokens at a time, so that the scores of all pieces after
 * all tokens are never held together (as in arXiv 2411.09009, section 3, without its kernel). Scores are single precision.
 *
 * @param decoder whose output layer scores
 * @param arithmetic arithmetic of the output layer's product
 * @param chunk tokens at a time
 * @param zLoss weight of the squared logarithm of the softmax's normalizer (arXiv 2204.02311, section 5)
 */
public record TokenLoss(Decoder decoder, Arithmetic arithmetic, int chunk, double zLoss) {
    /** A loss, and its gradient with respect to the output that it was computed from. */
    record Result(double loss, Tensor gradient) {}

    /**
     * Computes {@code scale · Σ weight · loss}, adds its gradient to the output layer's weight, and gives that to the output.
     *
     * @param hidden_ND the output at all tokens, without gradient history
     * @param places the tokens that have a loss
     * @param targets the pieces they are to predict
     * @param weights a factor for each; null takes 1
     * @return the loss and its gradient, (N, D) in float32, in the scope that is open
     */
    Result backward(Tensor hidden_ND, int[] places, int[] targets, float @Nullable [] weights, double scale) {
        Tensor gradient = Tensor.zeros(DType.FLOAT32, hidden_ND.shape());
        double loss = 0;
        for (int from = 0; from < places.length; from += chunk) {
            int to = Math.min(places.length, from + chunk);
            try (TensorScope scope = TensorScope.open()) {
                Tensor index = Tensor.of(Arrays.copyOfRange(places, from, to), to - from);
                Tensor labels = Tensor.of(Arrays.copyOfRange(targets, from, to), to - from);
                Tensor part_CD;
                try (NoGrad guard = NoGrad.on()) {
                    part_CD = hidden_ND.indexSelect(0, index).to(DType.FLOAT32);
                }
                part_CD.requiresGrad(true);
                Tensor losses_C = losses(part_CD, labels);
                if (weights != null) {
                    losses_C = losses_C.mul(Tensor.of(Arrays.copyOfRange(weights, from, to), to - from));
                }
                Tensor sum = losses_C.sum().mul(scale);
                sum.backward();
                loss += sum.item();
                Tensor inner = part_CD.grad();
                if (inner == null) {
                    throw new IllegalStateException("the output layer gave no gradient");
                }
                try (NoGrad guard = NoGrad.on()) {
                    gradient.indexCopyInPlace(0, index, inner);
                }
            }
        }
        return new Result(loss, gradient);
    }

    /** The losses of some tokens, in nats, without gradients and without the z-loss. */
    float[] measure(Tensor hidden_ND, int[] places, int[] targets) {
        float[] all = new float[places.length];
        for (int from = 0; from < places.length; from += chunk) {
            int to = Math.min(places.length, from + chunk);
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                Tensor index = Tensor.of(Arrays.copyOfRange(places, from, to), to - from);
                Tensor labels = Tensor.of(Arrays.copyOfRange(targets, from, to), to - from);
                Tensor scores_CV = scores(hidden_ND.indexSelect(0, index).to(DType.FLOAT32));
                float[] part = scores_CV.crossEntropyEach(labels).toFloats();
                System.arraycopy(part, 0, all, from, part.length);
            }
        }
        return all;
    }

    private Tensor scores(Tensor part_CD) {
        return arithmetic.run(() -> decoder.scores(part_CD)).to(DType.FLOAT32);
    }

    private Tensor losses(Tensor part_CD, Tensor labels) {
        Tensor scores_CV = scores(part_CD);
        Tensor losses_C = scores_CV.crossEntropyEach(labels);
        if (zLoss == 0) {
            return losses_C;
        }
        Tensor normalizer_C = scores_CV.logSumExp(1);
        return losses_C.add(normalizer_C.mul(normalizer_C).mul(zLoss));
    }
}
