package dev.shoestring.plan;

import org.jspecify.annotations.Nullable;

/**
 * The sizes of a transformer that decide what it costs.
 *
 * @param family Hugging Face's {@code model_type}
 * @param layers blocks
 * @param hidden model width
 * @param vocabulary rows of the token embedding
 * @param attention its attention
 * @param feedForward its feed-forward blocks
 * @param tied whether the output layer shares the token embedding
 * @param positions rows of a learned position embedding; 0 without one
 * @param segments rows of a segment embedding; 0 without one
 * @param normWeights numbers in one norm, in units of the width: 1 for RMSNorm, 2 for LayerNorm
 * @param extraNorms norms beside two in each block and one at the end (BLOOM's after the embedding)
 * @param encoder true if every token sees every other (BERT), false if only those before it
 */
public record ModelShape(
        String family,
        int layers,
        int hidden,
        int vocabulary,
        Attention attention,
        FeedForward feedForward,
        boolean tied,
        int positions,
        int segments,
        int normWeights,
        int extraNorms,
        boolean encoder) {

    /**
     * Attention of every block.
     *
     * @param heads query heads
     * @param keyValueHeads heads of keys and values
     * @param headSize width of a query and key
     * @param valueSize width of a value
     * @param inputBias whether the maps to queries, keys and values have a bias
     * @param outputBias whether the output map has a bias
     * @param headNorm whether queries and keys are normalized for each head (Qwen3)
     * @param latent low-rank queries, keys and values (DeepSeek's MLA); null without
     */
    public record Attention(
            int heads,
            int keyValueHeads,
            int headSize,
            int valueSize,
            boolean inputBias,
            boolean outputBias,
            boolean headNorm,
            @Nullable Latent latent) {
        int queryWidth() {
            return heads * headSize;
        }

        int keyValueWidth() {
            return keyValueHeads * headSize;
        }

        int valueWidth() {
            return heads * valueSize;
        }
    }

    /**
     * Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1).
     *
     * @param queryRank rank of the queries; 0 if they have full rank
     * @param keyValueRank rank of keys and values together
     * @param ropeSize width of the part of a key that carries the position, shared by all heads
     */
    public record Latent(int queryRank, int keyValueRank, int ropeSize) {}

    /**
     * Feed-forward blocks.
     *
     * @param width inner width of a dense block
     * @param gated three matrices instead of two
     * @param bias whether they have biases
     * @param experts mixture of experts; null if every block is dense
     */
    public record FeedForward(
            int width,
            boolean gated,
            boolean bias,
            @Nullable Experts experts) {
        int matrices() {
            return gated ? 3 : 2;
        }
    }

    /**
     * A mixture of experts.
     *
     * @param routed experts in a block
     * @param active routed experts that a token passes
     * @param shared experts that every token passes
     * @param width inner width of an expert
     * @param denseLayers blocks at the bottom that are dense
     */
    public record Experts(int routed, int active, int shared, int width, int denseLayers) {}

    /** Numbers in the attention's matrices of one block. */
    public long attentionMatrices() {
        long d = hidden;
        Latent latent = attention.latent();
        if (latent == null) {
            return d * attention.queryWidth() + 2 * d * attention.keyValueWidth() + attention.valueWidth() * d;
        }
        long queries = latent.queryRank() == 0
                ? d * attention.queryWidth()
                : d * latent.queryRank() + (long) latent.queryRank() * attention.queryWidth();
        long down = d * (latent.keyValueRank() + latent.ropeSize());
        long keyPart = (long) attention.headSize() - latent.ropeSize();
        long up = (long) latent.keyValueRank() * attention.heads() * (keyPart + attention.valueSize());
        return queries + down + up + attention.valueWidth() * d;
    }

    /** Numbers in the feed-forward matrices of a block; of those a token passes if {@code active}, otherwise all. */
    public long feedForwardMatrices(int layer, boolean active) {
        Experts experts = feedForward.experts();
        if (experts == null || layer < experts.denseLayers()) {
            return (long) feedForward.matrices() * hidden * feedForward.width();
        }
        long each = (long) feedForward.matrices() * hidden * experts.width();
        long used = (long) experts.shared() + (active ? experts.active() : experts.routed());
        return each * used + (long) hidden * experts.routed();
    }

    /** Numbers in the matrices of all blocks. */
    public long blockMatrices(boolean active) {
        long sum = 0;
        for (int layer = 0; layer < layers; layer++) {
            sum += attentionMatrices() + feedForwardMatrices(layer, active);
        }
        return sum;
    }

    /** Numbers in the token embedding, and in the output layer. */
    public long vocabularyMatrix() {
        return (long) vocabulary * hidden;
    }

    /** All numbers of the network, biases and norms included. */
    public long parameters() {
        return blockMatrices(false)
                + small()
                + vocabularyMatrix() * (tied ? 1 : 2)
                + (long) (positions + segments) * hidden;
    }

    /** The numbers that a token meets; equal to {@link #parameters} without experts. */
    public long activeParameters() {
        return parameters() - blockMatrices(false) + blockMatrices(true);
    }

    /** Biases and norms. */
    private long small() {
        long d = hidden;
        long norms = (2L * layers + (encoder ? 0 : 1) + extraNorms) * normWeights * d;
        long inputBias = attention.inputBias() ? attention.queryWidth() + 2L * attention.keyValueWidth() : 0;
        long biases = inputBias
                + (attention.outputBias() ? d : 0)
                + (feedForward.bias() ? (feedForward.matrices() - 1L) * feedForward.width() + d : 0);
        long headNorms = attention.headNorm() ? 2L * attention.headSize() : 0;
        Latent latent = attention.latent();
        long latentNorms = latent == null ? 0 : latent.queryRank() + latent.keyValueRank();
        return norms + layers * (biases + headNorms + latentNorms) + routerBiases();
    }

    /** DeepSeek-V3 corrects the router's scores by a bias for each expert. */
    private long routerBiases() {
        Experts experts = feedForward.experts();
        return experts == null || !family.equals("deepseek_v3")
                ? 0
                : (long) (layers - experts.denseLayers()) * experts.routed();
    }
}
