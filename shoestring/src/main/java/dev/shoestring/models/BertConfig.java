package dev.shoestring.models;

/**
 * Sizes of a BERT encoder, with the meanings of Hugging Face's {@code config.json}.
 *
 * @param vocabSize rows of the word embedding
 * @param hiddenSize model width
 * @param numLayers encoder layers
 * @param numHeads attention heads; divides {@code hiddenSize}
 * @param intermediateSize width of the feed-forward layers
 * @param maxPositions longest sequence, in tokens
 * @param typeVocabSize rows of the segment embedding
 * @param layerNormEps added to variances
 */
public record BertConfig(
        int vocabSize,
        int hiddenSize,
        int numLayers,
        int numHeads,
        int intermediateSize,
        int maxPositions,
        int typeVocabSize,
        double layerNormEps) {}
