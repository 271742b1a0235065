package dev.shoestring.shrink;

import dev.shoestring.cost.EncoderShape;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The sizes that an encoder may be cut to: for each number of layers and heads the widest feed-forward blocks, and then the largest vocabulary,
 * that stay within a limit.
 *
 * @param full sizes of the full network
 * @param flops floating-point operations of a prediction of a network of some sizes
 * @param words most rows of the word embedding that are of use
 * @param fewestWords rows of the word embedding that the tokenizer needs to be safe
 * @param positions rows of the position embedding that are of use
 */
public record EncoderShapes(
        EncoderShape full, ToDoubleFunction<EncoderShape> flops, int words, int fewestWords, int positions) {
    /** The width of the feed-forward blocks goes in so many steps. */
    private static final int GRAINS = 48;

    /** Narrower feed-forward blocks than this share are not tried. */
    private static final double NARROWEST = 1.0 / 8;

    private static final double[] HEADS = {1, 0.75, 2.0 / 3, 0.5};

    /** All of them within the limits; those with the most layers and heads first. */
    public List<EncoderShape> within(double mostFlops, double mostParameters) {
        List<EncoderShape> shapes = new ArrayList<>();
        for (int heads : heads()) {
            for (int layers = full.layers(); layers >= 1; layers--) {
                for (int channels = full.intermediateSize(); channels >= narrowest(); channels -= grain()) {
                    EncoderShape shape = shape(layers, heads, channels, words);
                    if (shape.parameters() > mostParameters) {
                        shape = shape(layers, heads, channels, affordable(shape, mostParameters));
                    }
                    if (shape.vocabSize() >= fewestWords && flops.applyAsDouble(shape) <= mostFlops) {
                        shapes.add(shape);
                        break;
                    }
                }
            }
        }
        return shapes;
    }

    /** The smallest of all. */
    public EncoderShape smallest() {
        Set<Integer> heads = heads();
        int fewest = heads.stream().mapToInt(Integer::intValue).min().orElseThrow();
        int channels = full.intermediateSize() - (full.intermediateSize() - narrowest()) / grain() * grain();
        return shape(1, fewest, channels, fewestWords);
    }

    private int grain() {
        return Math.max(1, full.intermediateSize() / GRAINS);
    }

    private int narrowest() {
        return Math.max(1, (int) (full.intermediateSize() * NARROWEST));
    }

    private int affordable(EncoderShape shape, double mostParameters) {
        double over = shape.parameters() - mostParameters;
        return shape.vocabSize() - (int) Math.min(shape.vocabSize(), Math.ceil(over / shape.hiddenSize()));
    }

    private EncoderShape shape(int layers, int heads, int channels, int vocabulary) {
        int headDim = full.hiddenSize() / full.numHeads();
        return new EncoderShape(
                vocabulary,
                layers,
                heads * headDim,
                heads,
                channels,
                Math.min(positions, full.maxPositions()),
                full.typeVocabSize(),
                full.labels());
    }

    private Set<Integer> heads() {
        Set<Integer> heads = new LinkedHashSet<>();
        for (double share : HEADS) {
            heads.add(Math.max(1, (int) Math.round(share * full.numHeads())));
        }
        return heads;
    }

    /**
     * Which layers a network of {@code kept} layers may keep, in the order of their promise: those with the most influence, the first, and ones evenly
     * spread that end with the last.
     */
    public static List<List<Integer>> layers(double[] influence, int kept) {
        int all = influence.length;
        Set<List<Integer>> choices = new LinkedHashSet<>();
        choices.add(BertImportance.most(influence, kept));
        choices.add(BertCut.upTo(kept));
        choices.add(IntStream.range(0, kept)
                .map(i -> all - 1 - (kept - 1 - i) * all / kept)
                .boxed()
                .toList());
        return List.copyOf(choices);
    }
}
