package dev.shoestring.models;

import dev.shoestring.nn.RotaryEmbedding;
import dev.shoestring.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the tokens of one forward pass see: their positions, and which of the others.
 *
 * @param angles rotary angles of the tokens' positions, (B or 1, 1, T, K/2)
 * @param bias added to the scores, 0 for what is seen and negative infinity elsewhere, (B or 1, 1, T, S); null if all is seen
 * @param windowBias the same for layers with a sliding window; equals {@code bias} where there are none
 * @param cache keys and values of earlier tokens, which those of this pass join; null if there are none
 */
public record AttentionContext(
        RotaryEmbedding.Angles angles,
        @Nullable Tensor bias,
        @Nullable Tensor windowBias,
        @Nullable KeyValueCache cache) {}
