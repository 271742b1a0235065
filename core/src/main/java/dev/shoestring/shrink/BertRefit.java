package dev.shoestring.shrink;

import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes up for what was cut out of a BERT classifier without any training: layer by layer, from the embeddings on, each weight becomes the one that by
 * least squares gives what the full network has at that place, from what the cut network has there already, errors of the layers before included. Queries, keys and
 * values of the kept heads, the stream after attention, the kept channels before their activation, and the stream after the feed-forward block; weight and bias of each
 * LayerNorm channel by channel. Where the width is cut, the full network's stream in the directions of the {@link StreamBasis} is what is wanted.
 *
 * <p>Kin to layer-wise reconstruction (arXiv 1707.06342 for channels of convolutions, arXiv 2204.09656 for transformers); here the inputs are the cut network's own. Pooler
 * and head stay as they were cut.
 */
public final class BertRefit {
    /** What a change of a weight costs, as a share of the inputs' mean variance: a few thousand tokens do not say all (docs/experiments.md). */
    private static final double RIDGE = 0.1;

    // N tokens of all texts, D full width, W width of the cut network
    private final EncoderWeights small;
    private final BertTrace full;
    private final BertCut cut;
    private final @Nullable StreamBasis basis;

    private BertRefit(EncoderWeights small, BertTrace full, BertCut cut, @Nullable StreamBasis basis) {
        this.small = small;
        this.full = full;
        this.cut = cut;
        this.basis = basis;
    }

    /**
     * Refits a network that has just been cut out.
     *
     * @param store its parameters, which are changed
     * @param full what flows through the full network
     * @param cut what was kept
     * @param basis the directions that are its channels; null if it has those of {@code cut}
     * @param row the row of its word embedding for each piece of the full network's
     */
    public static void fit(
            ParameterStore store, BertTrace full, BertCut cut, @Nullable StreamBasis basis, IntUnaryOperator row) {
        BertConfig config = cut.config(full.config());
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            new BertRefit(new EncoderWeights(store.all(), config.numHeads(), config.layerNormEps()), full, cut, basis)
                    .fit(row);
        }
    }

    /**
     * Floating-point operations of it: products with the full network's weights for what is wanted, the inputs' second moments, both sides' products with the
     * cut network's weights, and the triangular solutions.
     *
     * @param tokens of all texts
     */
    public static double flops(BertConfig full, BertConfig small, int tokens) {
        double width = small.hiddenSize();
        double channels = small.intermediateSize();
        double wanted = (double) full.hiddenSize() * (3 * width + channels + 2 * width);
        double moments = 3 * width * width + channels * channels;
        double products = 3 * (4 * width * width + 2 * width * channels);
        double solutions = Math.pow(width, 3) * (1 + 2 * 4)
                + Math.pow(channels, 3) / 3
                + 2 * width * channels * (channels + width);
        return small.numLayers() * (2.0 * tokens * (wanted + moments + products) + solutions);
    }

    private void fit(IntUnaryOperator row) {
        Tensor x_NW =
                norm(small.embedded(full.texts(), row), turned(full.into(0)), EncoderWeights.EMBEDDINGS + "LayerNorm");
        for (int place = 0; place < cut.layers().size(); place++) {
            Tensor before_NW = x_NW;
            int layer = place;
            x_NW = TensorScope.keep(() -> layer(layer, before_NW));
        }
    }

    private Tensor layer(int place, Tensor x_NW) {
        int layer = cut.layers().get(place);
        EncoderWeights whole = full.weights();
        Tensor into_ND = full.into(layer);
        Tensor heads = index(headRows(place));
        attention(x_NW, into_ND, heads, place);
        Tensor attended = small.attended(place, x_NW, full.texts());
        linear(attended, turned(full.mixed(layer)).sub(x_NW), place, EncoderWeights.MIXING);
        Tensor mixed_NW = small.linear(attended, EncoderWeights.part(place, EncoderWeights.MIXING))
                .add(x_NW);
        Tensor between_ND = full.between(layer);
        Tensor h_NW = norm(mixed_NW, turned(between_ND), EncoderWeights.part(place, EncoderWeights.MIXED_NORM));
        Tensor channels = index(cut.channels().get(place));
        String up = EncoderWeights.part(layer, EncoderWeights.UP);
        linear(
                h_NW,
                between_ND.linear(rows(whole, up + ".weight", channels), rows(whole, up + ".bias", channels)),
                place,
                EncoderWeights.UP);
        Tensor active = small.linear(h_NW, EncoderWeights.part(place, EncoderWeights.UP))
                .gelu();
        linear(active, turned(full.fed(layer)).sub(h_NW), place, EncoderWeights.DOWN);
        Tensor fed_NW = small.linear(active, EncoderWeights.part(place, EncoderWeights.DOWN))
                .add(h_NW);
        return norm(fed_NW, turned(full.into(layer + 1)), EncoderWeights.part(place, EncoderWeights.FED_NORM));
    }

    /** Queries, keys and values at once, for they have the same inputs. */
    private void attention(Tensor x_NW, Tensor into_ND, Tensor heads, int place) {
        List<String> parts = List.of(EncoderWeights.QUERY, EncoderWeights.KEY, EncoderWeights.VALUE);
        List<Tensor> wanted = new ArrayList<>();
        List<Tensor> weights = new ArrayList<>();
        for (String part : parts) {
            String from = EncoderWeights.part(cut.layers().get(place), part);
            wanted.add(into_ND.linear(
                    rows(full.weights(), from + ".weight", heads), rows(full.weights(), from + ".bias", heads)));
            weights.add(small.get(EncoderWeights.part(place, part) + ".weight"));
        }
        LeastSquares fitted = LeastSquares.linear(x_NW, Tensor.cat(wanted, 1), Tensor.cat(weights, 0), RIDGE);
        long width = heads.size(0);
        for (int i = 0; i < parts.size(); i++) {
            new LeastSquares(
                            fitted.weight().narrow(0, i * width, width),
                            fitted.bias().narrow(0, i * width, width))
                    .into(small, EncoderWeights.part(place, parts.get(i)));
        }
    }

    private void linear(Tensor x, Tensor wanted, int place, String part) {
        String name = EncoderWeights.part(place, part);
        LeastSquares.linear(x, wanted, small.get(name + ".weight"), RIDGE).into(small, name);
    }

    private Tensor norm(Tensor x_NW, Tensor wanted_NW, String name) {
        LeastSquares.norm(x_NW, wanted_NW, small.eps()).into(small, name);
        return small.norm(x_NW, name);
    }

    /** The full network's stream as the cut network has it: (N, D) gives (N, W). */
    private Tensor turned(Tensor stream_ND) {
        if (basis != null) {
            return basis.reading(stream_ND);
        }
        return cut.width().size() == stream_ND.size(1) ? stream_ND : stream_ND.indexSelect(1, index(cut.width()));
    }

    private static Tensor rows(EncoderWeights weights, String name, Tensor kept) {
        return weights.get(name).indexSelect(0, kept);
    }

    private static Tensor index(List<Integer> kept) {
        return Tensor.of(kept.stream().mapToInt(Integer::intValue).toArray(), kept.size());
    }

    private List<Integer> headRows(int place) {
        int headDim = full.config().hiddenSize() / full.config().numHeads();
        List<Integer> rows = new ArrayList<>();
        for (int head : cut.heads().get(place)) {
            for (int i = 0; i < headDim; i++) {
                rows.add(head * headDim + i);
            }
        }
        return rows;
    }
}
