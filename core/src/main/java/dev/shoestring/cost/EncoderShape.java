package dev.shoestring.cost;

/**
 * The sizes of a BERT encoder with a pooler and a classifier (Hugging Face's {@code BertForSequenceClassification}).
 *
 * @param vocabSize rows of the word embedding
 * @param layers encoder layers
 * @param hiddenSize model width
 * @param numHeads attention heads; they divide the width and change no count
 * @param intermediateSize width of the feed-forward layers
 * @param maxPositions rows of the position embedding
 * @param typeVocabSize rows of the segment embedding
 * @param labels outputs of the classifier
 */
public record EncoderShape(
        int vocabSize,
        int layers,
        int hiddenSize,
        int numHeads,
        int intermediateSize,
        int maxPositions,
        int typeVocabSize,
        int labels) {
    private static final int NORMS_IN_A_LAYER = 2;
    private static final int PARTS_OF_A_NORM = 2;

    /** Numbers in the whole network: weights, biases and LayerNorms. */
    public long parameters() {
        return embeddingParameters() + layers * layerParameters() + headParameters();
    }

    /** Numbers in the three embeddings and their LayerNorm. */
    public long embeddingParameters() {
        long rows = (long) vocabSize + maxPositions + typeVocabSize;
        return rows * hiddenSize + (long) PARTS_OF_A_NORM * hiddenSize;
    }

    /** Numbers in one encoder layer. */
    public long layerParameters() {
        long biases = 4L * hiddenSize + intermediateSize + hiddenSize;
        long norms = (long) NORMS_IN_A_LAYER * PARTS_OF_A_NORM * hiddenSize;
        return layerMatrices() + biases + norms;
    }

    /** Numbers in pooler and classifier. */
    public long headParameters() {
        return poolerMatrix() + hiddenSize + classifierMatrix() + labels;
    }

    /** Numbers in a layer's matrices: query, key, value and output of the attention, and the two of the feed-forward block. */
    long layerMatrices() {
        return 4 * square() + 2L * hiddenSize * intermediateSize;
    }

    /** Numbers in the matrices of query, key and value, the first that a layer's input meets. */
    long projectionMatrices() {
        return 3 * square();
    }

    /** Numbers in the matrices of key and value. */
    long keyValueMatrices() {
        return 2 * square();
    }

    long poolerMatrix() {
        return square();
    }

    long classifierMatrix() {
        return (long) hiddenSize * labels;
    }

    private long square() {
        return (long) hiddenSize * hiddenSize;
    }
}
