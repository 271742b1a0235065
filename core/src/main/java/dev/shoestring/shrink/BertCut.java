package dev.shoestring.shrink;

import dev.shoestring.models.BertConfig;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is kept of a BERT classifier. Every list has indices of the full network, ascending. The layout of Hugging Face's BERT has one
 * width for all layers, one width of the feed-forward blocks, and heads of width {@code hidden_size / num_attention_heads}: so each layer
 * keeps as many heads and channels as every other, and the width shrinks with the heads.
 *
 * @param words rows of the word embedding
 * @param positions the first rows of the position embedding
 * @param layers encoder layers
 * @param heads attention heads of each kept layer
 * @param channels feed-forward channels of each kept layer
 * @param width channels of the residual stream
 * @param pooled outputs of the pooler
 */
public record BertCut(
        List<Integer> words,
        int positions,
        List<Integer> layers,
        List<List<Integer>> heads,
        List<List<Integer>> channels,
        List<Integer> width,
        List<Integer> pooled) {
    /** Copies the lists and checks that they fit the layout. */
    public BertCut {
        words = List.copyOf(words);
        layers = List.copyOf(layers);
        heads = heads.stream().map(List::copyOf).toList();
        channels = channels.stream().map(List::copyOf).toList();
        width = List.copyOf(width);
        pooled = List.copyOf(pooled);
        if (layers.isEmpty() || heads.size() != layers.size() || channels.size() != layers.size()) {
            throw new IllegalArgumentException("heads (" + heads.size() + ") and channels (" + channels.size()
                    + ") must be given for each of the layers (" + layers.size() + ")");
        }
        requireEven("heads", heads);
        requireEven("channels", channels);
        if (pooled.size() != width.size() || width.size() % heads.get(0).size() != 0) {
            throw new IllegalArgumentException(
                    "the pooler (" + pooled.size() + ") must be as wide as the network (" + width.size()
                            + "), a multiple of its heads (" + heads.get(0).size() + ")");
        }
    }

    private static void requireEven(String what, List<List<Integer>> kept) {
        if (kept.get(0).isEmpty()
                || kept.stream().mapToInt(List::size).distinct().count() > 1) {
            throw new IllegalArgumentException("every layer must keep as many " + what + ", but they keep "
                    + kept.stream().map(one -> Integer.toString(one.size())).collect(Collectors.joining(", ")));
        }
    }

    /** Everything. */
    public static BertCut nothing(BertConfig config) {
        return new BertCut(
                upTo(config.vocabSize()),
                config.maxPositions(),
                upTo(config.numLayers()),
                java.util.Collections.nCopies(config.numLayers(), upTo(config.numHeads())),
                java.util.Collections.nCopies(config.numLayers(), upTo(config.intermediateSize())),
                upTo(config.hiddenSize()),
                upTo(config.hiddenSize()));
    }

    /** The numbers from 0 to just below {@code end}. */
    public static List<Integer> upTo(int end) {
        return IntStream.range(0, end).boxed().toList();
    }

    /** Whether the whole encoder of a network of these sizes is kept: nothing, or rows of its embeddings alone are gone. */
    public boolean keepsEncoder(BertConfig full) {
        BertCut all = nothing(full);
        return layers.equals(all.layers)
                && heads.equals(all.heads)
                && channels.equals(all.channels)
                && width.equals(all.width)
                && pooled.equals(all.pooled);
    }

    /** The sizes of what is kept of a network of these. */
    public BertConfig config(BertConfig full) {
        return new BertConfig(
                words.size(),
                width.size(),
                layers.size(),
                heads.get(0).size(),
                channels.get(0).size(),
                positions,
                full.typeVocabSize(),
                full.layerNormEps());
    }
}
