package dev.shoestring.train;

import dev.shoestring.models.Decoder;
import dev.shoestring.tensor.Autocast;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.ScoreGradient;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy of the next token from a decoder's normalized output, some tokens at a time, so that the scores of all pieces after
 * all tokens are never held together (as in arXiv 2411.09009, section 3, without its kernel). Softmax and loss are single precision; their gradient is written out.
 *
 * @param decoder whose output layer scores
 * @param arithmetic arithmetic of the output layer's product
 * @param chunk tokens whose scores are held in single precision at a time
 * @param zLoss weight of the squared logarithm of the softmax's normalizer (arXiv 2204.02311, section 5)
 */
public record TokenLoss(Decoder decoder, Arithmetic arithmetic, int chunk, double zLoss) {
    /** Scores of a group, in the products' type: 64 MB at most. */
    private static final long SHARED_SCORES = 1L << 24;

    /** A loss, and its gradient with respect to the output that it was computed from. */
    public record Result(double loss, Tensor gradient) {}

    /** A loss of some tokens from their scores. */
    @FunctionalInterface
    public interface FromScores {
        /**
         * Replaces the scores by the loss's derivative with respect to them.
         *
         * @param scores_CV scores of all pieces, in the products' type; overwritten
         * @param from the first of these tokens, among those that have a loss
         * @param to the one after the last
         * @return the loss
         */
        double replace(Tensor scores_CV, int from, int to);
    }

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
        return backward(hidden_ND, places, (scores_CV, from, to) -> {
            Tensor factors_C = factors(weights, from, to, scale);
            Tensor labels_C = Tensor.of(Arrays.copyOfRange(targets, from, to), to - from);
            Tensor losses_C = ScoreGradient.replace(scores_CV, labels_C, factors_C, zLoss);
            return losses_C.mul(factors_C).sum().item();
        });
    }

    private static Tensor factors(float @Nullable [] weights, int from, int to, double scale) {
        float[] factors = new float[to - from];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (scale * (weights == null ? 1 : weights[from + i]));
        }
        return Tensor.of(factors, factors.length);
    }

    /**
     * Computes a loss, adds its gradient to the output layer's weight, and gives that to the output.
     *
     * @param hidden_ND the output at all tokens, without gradient history
     * @param places the tokens that have a loss
     * @param loss the loss of some of them
     * @return the loss and its gradient, (N, D) in float32, in the scope that is open
     */
    public Result backward(Tensor hidden_ND, int[] places, FromScores loss) {
        try (NoGrad guard = NoGrad.on()) {
            Tensor gradient_ND = Tensor.zeros(DType.FLOAT32, hidden_ND.shape());
            double total = 0;
            try (TensorScope scope = TensorScope.open()) {
                Tensor head_VD = arithmetic.run(() -> Autocast.cast(decoder.headWeight()));
                int group = Math.min(group(), Math.toIntExact(hidden_ND.size(0)));
                // One size in all steps: the allocator finds the same place again, where sizes that change leave holes.
                Tensor room_GV = Tensor.uninitialized(head_VD.dtype(), group, head_VD.size(0));
                for (int from = 0; from < places.length; from += group) {
                    int to = Math.min(places.length, from + group);
                    try (TensorScope inner = TensorScope.open()) {
                        Tensor index = Tensor.of(Arrays.copyOfRange(places, from, to), to - from);
                        Tensor some_GD = hidden_ND.indexSelect(0, index).to(head_VD.dtype());
                        Tensor scores_GV = room_GV.narrow(0, 0, to - from);
                        some_GD.linearInto(scores_GV, head_VD);
                        total += differentiate(scores_GV, from, to, loss);
                        gradient_ND.indexCopyInPlace(
                                0, index, scores_GV.matmul(head_VD).to(DType.FLOAT32));
                        if (decoder.headWeight().requiresGrad()) {
                            addToGradient(scores_GV.transpose(0, 1).matmul(some_GD));
                        }
                    }
                }
            }
            return new Result(total, gradient_ND);
        }
    }

    /** Tokens that share the two products of the gradient: several chunks, as far as their scores are few. */
    private int group() {
        return chunk
                * Math.max(1, (int)
                        (SHARED_SCORES / ((long) chunk * decoder.config().vocabSize())));
    }

    /** Replaces the scores by the loss's derivative, a chunk at a time, and gives the loss. */
    private double differentiate(Tensor scores_GV, int from, int to, FromScores loss) {
        double total = 0;
        for (int start = from; start < to; start += chunk) {
            int end = Math.min(to, start + chunk);
            try (TensorScope scope = TensorScope.open()) {
                total += loss.replace(scores_GV.narrow(0, start - from, end - start), start, end);
            }
        }
        return total;
    }

    private void addToGradient(Tensor product_VD) {
        Tensor head_VD = decoder.headWeight();
        Tensor before_VD = head_VD.grad();
        if (before_VD == null && decoder.config().tied()) {
            // Without telling those who wait for its gradient: the embedding's part comes yet.
            head_VD.takeGrad(product_VD.to(head_VD.dtype()));
        } else if (before_VD == null) {
            head_VD.backward(product_VD.to(head_VD.dtype()));
        } else {
            before_VD.addInPlace(product_VD, 1);
        }
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
}
