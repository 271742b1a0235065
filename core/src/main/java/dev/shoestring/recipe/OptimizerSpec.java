package dev.shoestring.recipe;

/**
 * The optimizer; key {@code optimizer}.
 *
 * @param kind its method
 * @param lr peak learning rate of the encoder or network
 * @param headLr peak learning rate of pooler and classifier; with Muon, of all that is no matrix or convolution, and of the classifier
 * @param weightDecay weight decay: decoupled with AdamW and Muon, added to the gradient with SGD; biases and norms are exempt
 * @param beta1 decay of AdamW's first moment
 * @param beta2 decay of AdamW's second moment
 * @param eps added to the root of AdamW's second moment
 * @param momentum decay of the momentum of SGD and Muon, in Nesterov's form
 * @param clipNorm the gradient's global norm is clipped to this; 0 means no clipping
 */
public record OptimizerSpec(
        Kind kind,
        double lr,
        double headLr,
        double weightDecay,
        double beta1,
        double beta2,
        double eps,
        double momentum,
        double clipNorm) {
    /** Methods. */
    public enum Kind {
        /** AdamW (arXiv 1711.05101). */
        ADAMW,
        /** Stochastic gradient descent with Nesterov's momentum, in the form of Sutskever et al. (ICML 2013). */
        SGD,
        /** Orthogonalized momentum for matrices and convolutions (Jordan et al. 2024, "Muon"), AdamW for the rest. */
        MUON
    }

    /** The same at other rates. */
    public OptimizerSpec at(double otherLr, double otherHeadLr) {
        return new OptimizerSpec(kind, otherLr, otherHeadLr, weightDecay, beta1, beta2, eps, momentum, clipNorm);
    }

    /** The same with Muon for matrices, AdamW at {@code otherHeadLr} for the rest. */
    public OptimizerSpec muon(double otherLr, double otherHeadLr, double itsMomentum) {
        return new OptimizerSpec(
                Kind.MUON, otherLr, otherHeadLr, weightDecay, beta1, beta2, eps, itsMomentum, clipNorm);
    }

    /** AdamW. */
    public OptimizerSpec(
            double lr, double headLr, double weightDecay, double beta1, double beta2, double eps, double clipNorm) {
        this(Kind.ADAMW, lr, headLr, weightDecay, beta1, beta2, eps, 0.9, clipNorm);
    }
}
