package dev.shoestring.train;

/**
 * The loss of direct preference optimization (arXiv 2305.18290, equation 7) as a function of four log-probabilities. With
 * {@code h = β · ((log π(c) − log π_ref(c)) − (log π(r) − log π_ref(r)))} it is {@code −(1 − ε) log σ(h) − ε log σ(−h)}: conservative
 * DPO for ε > 0, the paper's for ε = 0. {@code sftWeight} adds the chosen answer's mean cross-entropy (as arXiv 2404.19733, equation 2,
 * but over the answer's tokens alone).
 *
 * @param beta β, greater than 0
 * @param labelSmoothing ε, in [0, 0.5)
 * @param sftWeight weight of the chosen answer's mean cross-entropy, at least 0
 */
public record PreferenceLoss(double beta, double labelSmoothing, double sftWeight) {
    /** Checks the numbers. */
    public PreferenceLoss {
        if (!(beta > 0) || !(labelSmoothing >= 0 && labelSmoothing < 0.5) || !(sftWeight >= 0)) {
            throw new IllegalArgumentException("beta " + beta + ", " + labelSmoothing + ", " + sftWeight);
        }
    }

    /**
     * Log-probabilities of the two answers to a prompt, nats, summed over their tokens.
     *
     * @param chosen that of the better answer
     * @param rejected that of the worse
     */
    public record Answers(double chosen, double rejected) {}

    /**
     * The loss of a pair.
     *
     * @param value the loss
     * @param margin h, the difference of the two rewards
     * @param slopes its derivatives with respect to the log-probabilities
     */
    public record Result(double value, double margin, Answers slopes) {}

    /**
     * The loss of a pair.
     *
     * @param now the answers' log-probabilities
     * @param before the same of the reference, the model before training
     * @param chosenTokens tokens of the better answer
     */
    public Result of(Answers now, Answers before, int chosenTokens) {
        double margin = beta * ((now.chosen - before.chosen) - (now.rejected - before.rejected));
        double value = (1 - labelSmoothing) * softplus(-margin) + labelSmoothing * softplus(margin);
        double slope = beta * (labelSmoothing * sigmoid(margin) - (1 - labelSmoothing) * sigmoid(-margin));
        double sft = sftWeight / chosenTokens;
        return new Result(value - sft * now.chosen, margin, new Answers(slope - sft, -slope));
    }

    /** log(1 + eˣ), which is −log σ(−x), without overflow. */
    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static double sigmoid(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }
}
