package dev.shoestring.models;

import java.util.List;

/**
 * Sizes and kinds of a decoder of the Llama family, as Hugging Face's {@code config.json} states them.
 *
 * @param family {@code model_type}: llama, mistral, qwen2 or qwen3
 * @param vocabSize rows of the embedding table
 * @param hiddenSize model width
 * @param numLayers blocks
 * @param numHeads query heads
 * @param numKeyValueHeads key and value heads; divides {@code numHeads} (grouped-query attention, arXiv 2305.13245)
 * @param headDim width of a head; even
 * @param intermediateSize width of the feed-forward layers
 * @param maxPositions positions that the model was trained for
 * @param normEps added to the mean square in normalizations
 * @param rope rotary positions
 * @param tied whether the embedding table is the output layer too
 * @param biases which products have biases
 * @param headNorm whether queries and keys are normalized head by head (Qwen3)
 * @param windows for each layer, how many tokens back a token sees, itself included; 0 means all
 * @param deviation standard deviation of new weights
 */
public record DecoderConfig(
        String family,
        int vocabSize,
        int hiddenSize,
        int numLayers,
        int numHeads,
        int numKeyValueHeads,
        int headDim,
        int intermediateSize,
        int maxPositions,
        double normEps,
        RotaryPositions rope,
        boolean tied,
        Biases biases,
        boolean headNorm,
        List<Integer> windows,
        double deviation) {
    /** Copies the list. */
    public DecoderConfig {
        windows = List.copyOf(windows);
    }

    /**
     * Which products have biases.
     *
     * @param queryKeyValue those of queries, keys and values
     * @param attentionOutput that of attention's result
     * @param feedForward those of the feed-forward layers
     */
    public record Biases(boolean queryKeyValue, boolean attentionOutput, boolean feedForward) {
        /** None at all, as in Llama. */
        public static final Biases NONE = new Biases(false, false, false);
    }

    /** Numbers in the whole network; a tied output layer counts once. */
    public long parameters() {
        long width = hiddenSize;
        long queries = (long) numHeads * headDim;
        long keys = (long) numKeyValueHeads * headDim;
        long attention = width * (queries + 2 * keys) + queries * width;
        long feedForward = 3 * width * intermediateSize;
        long norms = 2 * width + (headNorm ? 2L * headDim : 0);
        long biased = (biases.queryKeyValue() ? queries + 2 * keys : 0)
                + (biases.attentionOutput() ? width : 0)
                + (biases.feedForward() ? 2L * intermediateSize + width : 0);
        long ends = (tied ? 1 : 2) * width * vocabSize + width;
        return ends + numLayers * (attention + feedForward + norms + biased);
    }
}
