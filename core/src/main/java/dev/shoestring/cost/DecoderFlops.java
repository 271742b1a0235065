package dev.shoestring.cost;

/**
 * Floating-point operations of a decoder. A product of matrices (m, k) and (k, n) counts 2mkn. Counted: the blocks' matrices, the two
 * products of attention over the tokens that are seen, the output layer where a token has a loss. Not counted: look-ups, norms,
 * activations, softmax, optimizer. The backward pass takes one product for a weight's gradient and one for its input's.
 *
 * @param blockMatrices numbers in the matrices of all blocks
 * @param attentionWidth width of all query heads together, over all blocks
 * @param headMatrix numbers in the output layer
 */
public record DecoderFlops(double blockMatrices, double attentionWidth, double headMatrix) {
    /** What is trained. */
    public enum Trained {
        /** Everything. */
        ALL,
        /** Updates of rank low enough not to count beside frozen matrices, whose own gradients are not computed. */
        UPDATES
    }

    /** Forward pass of documents of these lengths; {@code losses} tokens have a loss. */
    public double forward(int[] lengths, long losses) {
        double tokens = 0;
        double seen = 0;
        for (int length : lengths) {
            tokens += length;
            seen += 0.5 * length * (length + 1.0);
        }
        return 2 * blockMatrices * tokens + 4 * attentionWidth * seen + 2 * headMatrix * losses;
    }

    /** Forward and backward pass, without what recomputation does again: what model FLOPs utilization counts. */
    public double training(int[] lengths, long losses, Trained trained) {
        return (trained == Trained.ALL ? 3 : 2) * forward(lengths, losses);
    }
}
