package dev.shoestring.plan;

/**
 * Training of a language model, without where it runs.
 *
 * @param model its sizes
 * @param sequence tokens in a sequence
 * @param tokens tokens to train on
 * @param batchTokens tokens in one optimizer step
 * @param precision arithmetic of the matrix products: {@code fp32}, {@code fp16}, {@code bf16}, {@code fp8}
 * @param adaptation which weights are trained
 * @param compiled whether element-wise operations are fused, by a compiler or by hand
 * @param chunkedLoss whether output layer and loss are computed in pieces, so that the logits never exist at once
 * @param production whether the time is to include what long runs on many devices lose: restarts, checkpoints, evaluation
 */
public record Workload(
        ModelShape model,
        int sequence,
        double tokens,
        double batchTokens,
        String precision,
        Adaptation adaptation,
        boolean compiled,
        boolean chunkedLoss,
        boolean production) {

    /** Which weights are trained. */
    public sealed interface Adaptation {
        /** All of them. */
        record Full() implements Adaptation {}

        /**
         * Low-rank additions to all matrices of the blocks (arXiv 2106.09685).
         *
         * @param rank their rank
         */
        record Lora(int rank) implements Adaptation {}
    }

    /** Whether the network itself stays as it is. */
    boolean frozen() {
        return adaptation instanceof Adaptation.Lora;
    }

    /** Numbers that are trained. */
    public double trained() {
        if (adaptation instanceof Adaptation.Lora lora) {
            return loraNumbers(lora.rank());
        }
        return model.parameters();
    }

    private double loraNumbers(int rank) {
        double d = model.hidden();
        ModelShape.Attention attention = model.attention();
        double ends = (d + attention.queryWidth())
                + 2 * (d + attention.keyValueWidth())
                + (d + attention.valueWidth())
                + model.feedForward().matrices() * (d + model.feedForward().width());
        return rank * ends * model.layers();
    }

    /** As this, with another batch. */
    public Workload withBatchTokens(double other) {
        return new Workload(model, sequence, tokens, other, precision, adaptation, compiled, chunkedLoss, production);
    }
}
