package dev.shoestring.recipe;

/**
 * AdamW (arXiv 1711.05101); key {@code optimizer}.
 *
 * @param lr peak learning rate of the encoder
 * @param headLr peak learning rate of pooler and classifier
 * @param weightDecay decoupled weight decay; biases and LayerNorms are exempt
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param eps added to the root of the second moment
 * @param clipNorm the gradient's global norm is clipped to this; 0 means no clipping
 */
public record OptimizerSpec(
        double lr, double headLr, double weightDecay, double beta1, double beta2, double eps, double clipNorm) {}
