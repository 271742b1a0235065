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

    /** Of those, the numbers that a token meets. */
    double trainedActive() {
        return adaptation instanceof Adaptation.Lora lora ? lora.rank() * loraEnds(true) : model.activeParameters();
    }

    private double loraNumbers(int rank) {
        return rank * loraEnds(false);
    }

    /** Inputs and outputs of all matrices of the blocks, routers included; of those a token passes if {@code active}. */
    private double loraEnds(boolean active) {
        double sum = 0;
        for (int layer = 0; layer < model.layers(); layer++) {
            sum += attentionEnds() + feedForwardEnds(layer, active);
        }
        return sum;
    }

    private double attentionEnds() {
        double d = model.hidden();
        ModelShape.Attention attention = model.attention();
        double output = d + attention.valueWidth();
        ModelShape.Latent latent = attention.latent();
        if (latent == null) {
            return (d + attention.queryWidth()) + 2 * (d + attention.keyValueWidth()) + output;
        }
        double queries = latent.queryRank() == 0
                ? d + attention.queryWidth()
                : d + 2.0 * latent.queryRank() + attention.queryWidth();
        double down = d + latent.keyValueRank() + latent.ropeSize();
        double up = latent.keyValueRank()
                + (double) attention.heads() * (attention.headSize() - latent.ropeSize() + attention.valueSize());
        return queries + down + up + output;
    }

    private double feedForwardEnds(int layer, boolean active) {
        double d = model.hidden();
        ModelShape.FeedForward feedForward = model.feedForward();
        ModelShape.Experts experts = feedForward.experts();
        if (experts == null || layer < experts.denseLayers()) {
            return feedForward.matrices() * (d + feedForward.width());
        }
        double used = (double) experts.shared() + (active ? experts.active() : experts.routed());
        return used * feedForward.matrices() * (d + experts.width()) + d + experts.routed();
    }

    /** As this, with another batch. */
    public Workload withBatchTokens(double other) {
        return new Workload(model, sequence, tokens, other, precision, adaptation, compiled, chunkedLoss, production);
    }
}
