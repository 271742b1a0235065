package dev.shoestring.tensor;

/** Cross-entropy of scores and its derivative written out, which takes a third of the passes over them that automatic differentiation does. */
public final class ScoreGradient {
    // C tokens, V pieces

    private ScoreGradient() {}

    /**
     * Replaces each token's scores by the derivative of {@code factor · (loss + z · L²)} with respect to them, where L is the logarithm of the
     * softmax's normalizer: {@code factor · ((1 + 2 z L) · softmax − one at the label)}. Sums are single precision whatever the scores are.
     *
     * @param scores_CV overwritten
     * @param labels_C the right pieces, int64
     * @param factors_C float32
     * @param z weight of L² (arXiv 2204.02311, section 5)
     * @return {@code loss + z · L²} of each token, (C), float32
     */
    public static Tensor replace(Tensor scores_CV, Tensor labels_C, Tensor factors_C, double z) {
        try (NoGrad guard = NoGrad.on()) {
            return TensorScope.keep(() -> {
                Tensor single_CV = scores_CV.to(DType.FLOAT32);
                Tensor log_CV = single_CV.logSoftmax(1);
                Tensor labels_C1 = labels_C.unsqueeze(1);
                Tensor picked_C1 = log_CV.gather(1, labels_C1);
                Tensor factors_C1 = factors_C.unsqueeze(1);
                Tensor losses_C1 = picked_C1.mul(-1);
                Tensor weights_C1 = factors_C1;
                if (z != 0) {
                    Tensor normalizers_C1 = single_CV.gather(1, labels_C1).sub(picked_C1);
                    losses_C1 = losses_C1.add(normalizers_C1.mul(normalizers_C1).mul(z));
                    weights_C1 = factors_C1.mul(normalizers_C1.mul(2 * z).add(1));
                }
                log_CV.handle().exp_();
                log_CV.handle().mul_(weights_C1.handle());
                log_CV.handle()
                        .scatter_add_(1, labels_C1.handle(), factors_C1.mul(-1).handle());
                scores_CV.copyFrom(log_CV);
                return losses_C1.view(losses_C1.size(0));
            });
        }
    }
}
