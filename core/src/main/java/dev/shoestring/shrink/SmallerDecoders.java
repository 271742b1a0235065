package dev.shoestring.shrink;

import dev.shoestring.models.DecoderConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The sizes that a decoder may be cut to: for each number of layers, width and heads the widest feed-forward blocks that stay within a limit. Heads go by whole
 * groups of a key and value head and its query heads, or, where there are fewer groups than that, by as many query heads of each group.
 *
 * @param full sizes of the full network
 * @param flops floating-point operations of a prediction of a network of some sizes
 * @param vocabulary rows of the embedding table that the tokenizer has a piece for
 */
public record SmallerDecoders(DecoderConfig full, ToDoubleFunction<DecoderConfig> flops, int vocabulary) {
    /** The width of the feed-forward blocks goes in so many steps. */
    private static final int GRAINS = 48;

    /** Narrower feed-forward blocks than this share are not tried. */
    private static final double NARROWEST = 0.25;

    private static final double[] WIDTHS = {1, 7 / 8.0, 3 / 4.0, 5 / 8.0, 1 / 2.0};

    /** Widths are multiples of this, for products of odd sizes are slow. */
    private static final int GRAIN = 8;

    /**
     * Query heads and key and value heads.
     *
     * @param queries query heads, a multiple of {@code keyValues}
     * @param keyValues key and value heads
     */
    private record Heads(int queries, int keyValues) {}

    /** All of them within the limits; those with the most layers, widest first. */
    public List<DecoderConfig> within(double mostFlops, double mostParameters) {
        List<DecoderConfig> sizes = new ArrayList<>();
        for (int layers = full.numLayers(); layers >= 1; layers--) {
            for (double share : WIDTHS) {
                for (Heads heads : heads(share)) {
                    for (int channels = full.intermediateSize(); channels >= narrowest(); channels -= grain()) {
                        DecoderConfig one = sizes(layers, width(share), heads, channels);
                        if (one.parameters() <= mostParameters && flops.applyAsDouble(one) <= mostFlops) {
                            sizes.add(one);
                            break;
                        }
                    }
                }
            }
        }
        return sizes;
    }

    /** The smallest of all. */
    public DecoderConfig smallest() {
        double share = WIDTHS[WIDTHS.length - 1];
        Heads fewest = heads(share).stream()
                .min(Comparator.comparingInt(Heads::queries))
                .orElseThrow();
        int channels = full.intermediateSize() - (full.intermediateSize() - narrowest()) / grain() * grain();
        return sizes(1, width(share), fewest, channels);
    }

    /**
     * Which layers a network of {@code kept} layers may keep, in the order of their promise: those with the most influence, the first, and the first with the
     * last. Every choice here keeps the first layer: without it nothing is left (docs/experiments.md, 2026-11-26).
     */
    public static List<List<Integer>> layers(double[] influence, int kept) {
        int all = influence.length;
        Set<List<Integer>> choices = new LinkedHashSet<>();
        double[] first = influence.clone();
        first[0] = Double.MAX_VALUE;
        choices.add(Ranking.most(first, kept));
        choices.add(BertCut.upTo(kept));
        if (kept > 1) {
            List<Integer> withLast = new ArrayList<>(BertCut.upTo(kept - 1));
            withLast.add(all - 1);
            choices.add(withLast);
        }
        return List.copyOf(choices);
    }

    private int grain() {
        return Math.max(1, full.intermediateSize() / GRAINS);
    }

    private int narrowest() {
        return Math.max(1, (int) (full.intermediateSize() * NARROWEST));
    }

    private int width(double share) {
        int width = full.hiddenSize();
        return share == 1 || width < 2 * GRAIN
                ? width
                : Math.max(GRAIN, (int) Math.round(share * width / GRAIN) * GRAIN);
    }

    /** All heads, and about as large a share of them as of the width. */
    private Set<Heads> heads(double share) {
        int groups = full.numKeyValueHeads();
        int each = full.numHeads() / groups;
        Set<Heads> heads = new LinkedHashSet<>();
        heads.add(new Heads(full.numHeads(), groups));
        int keptGroups = Math.max(1, (int) Math.round(share * groups));
        heads.add(new Heads(keptGroups * each, keptGroups));
        int keptOfEach = Math.max(1, (int) Math.round(share * each));
        heads.add(new Heads(groups * keptOfEach, groups));
        return heads;
    }

    private DecoderConfig sizes(int layers, int width, Heads heads, int channels) {
        return new DecoderConfig(
                full.family(),
                vocabulary,
                width,
                layers,
                heads.queries(),
                heads.keyValues(),
                full.headDim(),
                channels,
                full.maxPositions(),
                full.normEps(),
                full.rope(),
                full.tied(),
                full.biases(),
                full.headNorm(),
                full.windows().subList(0, layers),
                full.deviation());
    }
}
