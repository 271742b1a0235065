package dev.shoestring.recipe;

/**
 * Direct preference optimization (arXiv 2305.18290); key {@code preference}. The names are those of TRL's {@code DPOConfig} where it has
 * one.
 *
 * @param beta how closely the model keeps to what it was: the greater, the closer; key {@code beta}
 * @param labelSmoothing share of the pairs that are taken to be the wrong way round, in [0, 0.5); key {@code label_smoothing}
 * @param sftWeight weight of the better answer's own cross-entropy, a mean over its tokens; key {@code sft_weight}
 */
public record PreferenceSpec(double beta, double labelSmoothing, double sftWeight) {
    /** That of the paper. */
    public static final PreferenceSpec PLAIN = new PreferenceSpec(0.1, 0, 0);
}
