package dev.shoestring.shrink;

import dev.shoestring.cost.EncoderShape;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The sizes that an encoder may be cut to: of each number of heads the one with two thirds of the layers, or as near as fits, and of the most heads all layers too if that fits; with the
 * widest feed-forward blocks, at most as many times the width as in the full network, that leave room for enough of the vocabulary, and then the largest vocabulary, within a limit. Where no size leaves room for it, those that fit at all: what a shared row
 * has lost does not heal (docs/experiments.md).
 *
 * @param full sizes of the full network
 * @param flops floating-point operations of a prediction of a network of some sizes
 * @param words most rows of the word embedding that are of use
 * @param enoughWords rows of the word embedding that are worth more than wider feed-forward blocks; at most {@code words}
 * @param fewestWords rows of the word embedding that the tokenizer needs to be safe
 * @param positions rows of the position embedding that are of use
 */
public record EncoderShapes(
        EncoderShape full,
        ToDoubleFunction<EncoderShape> flops,
        int words,
        int enoughWords,
        int fewestWords,
        int positions) {
    /** The width of the feed-forward blocks goes in so many steps. */
    private static final int GRAINS = 48;

    /** Narrower feed-forward blocks than this share are not tried. */
    private static final double NARROWEST = 1.0 / 8;

    /** Share of the layers that is tried first. */
    private static final double DEPTH = 2.0 / 3;

    private static final double[] HEADS = {1, 0.75, 2.0 / 3, 0.5};

    /** All of them within the limits; those with the most heads first. */
    public List<EncoderShape> within(double mostFlops, double mostParameters) {
        return within(mostFlops, mostParameters, shape -> true);
    }

    /**
     * All of them within the limits that fit another one too.
     *
     * @param fits of two networks that differ in nothing but the width of their feed-forward blocks the narrower fits if the wider does
     */
    public List<EncoderShape> within(double mostFlops, double mostParameters, Predicate<EncoderShape> fits) {
        List<EncoderShape> roomy = within(enoughWords, mostFlops, mostParameters, fits);
        return roomy.isEmpty() ? within(fewestWords, mostFlops, mostParameters, fits) : roomy;
    }

    private List<EncoderShape> within(
            int leastWords, double mostFlops, double mostParameters, Predicate<EncoderShape> fits) {
        List<EncoderShape> shapes = new ArrayList<>();
        for (int heads : heads()) {
            depths().stream()
                    .flatMap(layers -> widest(layers, heads, leastWords, mostFlops, mostParameters, fits).stream())
                    .findFirst()
                    .ifPresent(shapes::add);
        }
        if (!shapes.isEmpty()) {
            int heads = shapes.get(0).numHeads();
            widest(full.layers(), heads, leastWords, mostFlops, mostParameters, fits)
                    .filter(deepest -> !shapes.contains(deepest))
                    .ifPresent(deepest -> shapes.add(0, deepest));
        }
        return shapes;
    }

    /** Numbers of layers, the most promising first: two thirds of all (docs/experiments.md), then fewer, then more. */
    private List<Integer> depths() {
        int promising = Math.max(1, (int) Math.round(DEPTH * full.layers()));
        return IntStream.concat(
                        IntStream.iterate(promising, layers -> layers >= 1, layers -> layers - 1),
                        IntStream.rangeClosed(promising + 1, full.layers()))
                .boxed()
                .toList();
    }

    private Optional<EncoderShape> widest(
            int layers,
            int heads,
            int leastWords,
            double mostFlops,
            double mostParameters,
            Predicate<EncoderShape> fits) {
        Optional<EncoderShape> best = Optional.empty();
        int low = (full.intermediateSize() - proportional(heads)) / grain();
        int high = (full.intermediateSize() - narrowest()) / grain();
        while (low <= high) {
            int middle = (low + high) / 2;
            EncoderShape shape = shape(layers, heads, full.intermediateSize() - middle * grain(), words);
            if (shape.parameters() > mostParameters) {
                shape = shape(layers, heads, shape.intermediateSize(), affordable(shape, mostParameters));
            }
            if (shape.vocabSize() >= leastWords && flops.applyAsDouble(shape) <= mostFlops && fits.test(shape)) {
                best = Optional.of(shape);
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return best;
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

    /** Feed-forward channels that are as many for the width as the full network's. */
    private int proportional(int heads) {
        return Math.max(narrowest(), (int) ((long) full.intermediateSize() * heads / full.numHeads()));
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
     * Which of {@code all} layers a network of {@code kept} layers keeps: the first with the last, which the head was trained on. Block influence
     * and spreading them evenly choose later ones, which are better right after the cut and worse once healed (docs/experiments.md).
     */
    public static List<Integer> layers(int all, int kept) {
        return Stream.concat(BertCut.upTo(kept - 1).stream(), Stream.of(all - 1))
                .toList();
    }
}
