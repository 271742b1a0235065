package dev.shoestring.shrink;

import dev.shoestring.models.DecoderConfig;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is kept of a decoder of the Llama family. Every list has indices of the full network, ascending. The layout of Hugging Face has one
 * number of query heads, of key and value heads, and of feed-forward channels for all layers, and gives each key and value head as many query
 * heads as every other: so each layer keeps as many of each as every other layer. The width of a head stands in the configuration, so that the
 * model's width may shrink alone.
 *
 * @param vocabulary the first rows of the embedding table and of the output layer
 * @param layers blocks
 * @param heads query heads of each kept block
 * @param keyValueHeads key and value heads of each kept block
 * @param channels feed-forward channels of each kept block
 * @param width channels of the residual stream
 */
public record DecoderCut(
        int vocabulary,
        List<Integer> layers,
        List<List<Integer>> heads,
        List<List<Integer>> keyValueHeads,
        List<List<Integer>> channels,
        List<Integer> width) {
    /** Copies the lists and checks that they fit the layout. */
    public DecoderCut {
        layers = List.copyOf(layers);
        heads = heads.stream().map(List::copyOf).toList();
        keyValueHeads = keyValueHeads.stream().map(List::copyOf).toList();
        channels = channels.stream().map(List::copyOf).toList();
        width = List.copyOf(width);
        if (vocabulary < 1 || width.isEmpty()) {
            throw new IllegalArgumentException("at least one row (" + vocabulary + ") and one channel of the width ("
                    + width.size() + ") must be kept");
        }
        requireEven("query heads", layers.size(), heads);
        requireEven("key and value heads", layers.size(), keyValueHeads);
        requireEven("feed-forward channels", layers.size(), channels);
        if (heads.get(0).size() % keyValueHeads.get(0).size() != 0) {
            throw new IllegalArgumentException("query heads (" + heads.get(0).size()
                    + ") must be a multiple of key and value heads ("
                    + keyValueHeads.get(0).size() + ")");
        }
    }

    private static void requireEven(String what, int layers, List<List<Integer>> kept) {
        if (layers < 1 || kept.size() != layers) {
            throw new IllegalArgumentException(what + " must be given for each of the layers, at least one (" + layers
                    + "), but are for " + kept.size());
        }
        if (kept.get(0).isEmpty()
                || kept.stream().mapToInt(List::size).distinct().count() > 1) {
            throw new IllegalArgumentException("every layer must keep as many " + what + ", but they keep "
                    + kept.stream().map(one -> Integer.toString(one.size())).collect(Collectors.joining(", ")));
        }
    }

    /** Everything. */
    public static DecoderCut nothing(DecoderConfig config) {
        int layers = config.numLayers();
        return new DecoderCut(
                config.vocabSize(),
                upTo(layers),
                Collections.nCopies(layers, upTo(config.numHeads())),
                Collections.nCopies(layers, upTo(config.numKeyValueHeads())),
                Collections.nCopies(layers, upTo(config.intermediateSize())),
                upTo(config.hiddenSize()));
    }

    private static List<Integer> upTo(int end) {
        return IntStream.range(0, end).boxed().toList();
    }

    /**
     * The sizes of what is kept of a network of these.
     *
     * @throws IllegalArgumentException if a kept key and value head does not keep its own share of the query heads
     */
    public DecoderConfig config(DecoderConfig full) {
        int group = full.numHeads() / full.numKeyValueHeads();
        int kept = heads.get(0).size() / keyValueHeads.get(0).size();
        for (int layer = 0; layer < layers.size(); layer++) {
            for (int i = 0; i < heads.get(layer).size(); i++) {
                int own = heads.get(layer).get(i) / group;
                if (own != keyValueHeads.get(layer).get(i / kept)) {
                    throw new IllegalArgumentException("layer " + layers.get(layer) + ": query head "
                            + heads.get(layer).get(i) + " reads key and value head " + own + ", not "
                            + keyValueHeads.get(layer).get(i / kept) + "; each that is kept must keep " + kept);
                }
            }
        }
        return new DecoderConfig(
                full.family(),
                vocabulary,
                width.size(),
                layers.size(),
                heads.get(0).size(),
                keyValueHeads.get(0).size(),
                full.headDim(),
                channels.get(0).size(),
                full.maxPositions(),
                full.normEps(),
                full.rope(),
                full.tied(),
                full.biases(),
                full.headNorm(),
                layers.stream().map(full.windows()::get).toList(),
                full.deviation());
    }
}
