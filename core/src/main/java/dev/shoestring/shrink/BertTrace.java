package dev.shoestring.shrink;

import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * What flows through a BERT classifier on some texts, in single precision: the residual stream at every point, and how much each head, feed-forward
 * channel and output of the pooler adds to what comes after it: its mean square times that of the weights that read it (<em>activation norms</em>;
 * Wanda, arXiv 2306.11695, has the same product for one weight).
 */
public final class BertTrace implements AutoCloseable {
    // N tokens of all texts, D model width, F feed-forward channels, A width of all heads
    private final BertConfig config;
    private final EqualLengths texts;
    private final EncoderWeights weights;
    private final Tensor embedded_ND;
    private final List<Tensor> mixed = new ArrayList<>();
    private final List<Tensor> fed = new ArrayList<>();
    private final double[][] heads;
    private final double[][] channels;
    private final double[] pooled;

    private BertTrace(BertConfig config, ParameterStore store, EqualLengths texts) {
        this.config = config;
        this.texts = texts;
        this.weights = new EncoderWeights(store.all(), config.numHeads(), config.layerNormEps());
        this.heads = new double[config.numLayers()][];
        this.channels = new double[config.numLayers()][];
        this.embedded_ND = kept(weights.embedded(texts, id -> id));
        this.pooled = new double[config.hiddenSize()];
        try {
            follow();
        } catch (RuntimeException failed) {
            close();
            throw failed;
        }
    }

    private void follow() {
        for (int layer = 0; layer < config.numLayers(); layer++) {
            try (TensorScope scope = TensorScope.open()) {
                follow(layer);
            }
        }
        try (TensorScope scope = TensorScope.open()) {
            Tensor first = into(config.numLayers()).indexSelect(0, texts.firsts());
            Tensor out = weights.linear(first, "bert.pooler.dense").tanh();
            double[] each = strengths(out, weights.get("classifier.weight"), 1);
            System.arraycopy(each, 0, pooled, 0, pooled.length);
        }
    }

    /** Follows texts through a network. */
    public static BertTrace of(BertConfig config, ParameterStore store, EqualLengths texts) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            return new BertTrace(config, store, texts);
        }
    }

    private void follow(int layer) {
        Tensor x_ND = into(layer);
        Tensor attended_NA = weights.attended(layer, x_ND, texts);
        String mixing = EncoderWeights.part(layer, EncoderWeights.MIXING);
        heads[layer] = strengths(
                attended_NA, weights.get(mixing + ".weight"), Math.toIntExact(attended_NA.size(1)) / config.numHeads());
        mixed.add(kept(weights.linear(attended_NA, mixing).add(x_ND)));
        Tensor h_ND = between(layer);
        Tensor up_NF = weights.linear(h_ND, EncoderWeights.part(layer, EncoderWeights.UP))
                .gelu();
        String down = EncoderWeights.part(layer, EncoderWeights.DOWN);
        channels[layer] = strengths(up_NF, weights.get(down + ".weight"), 1);
        fed.add(kept(weights.linear(up_NF, down).add(h_ND)));
    }

    private static Tensor kept(Tensor tensor) {
        return tensor.copy().unscoped();
    }

    /** Mean square of each input times the sum of squares of the weights that read it, summed over groups of neighbours. */
    private static double[] strengths(Tensor x, Tensor reading, int group) {
        float[] each = x.mul(x).mean(0).mul(reading.mul(reading).sum(0)).toFloats();
        double[] sums = new double[each.length / group];
        for (int i = 0; i < each.length; i++) {
            sums[i / group] += each[i];
        }
        return sums;
    }

    /** Sizes of the network. */
    BertConfig config() {
        return config;
    }

    /** Tokens of all texts. */
    public int tokens() {
        return texts.tokens();
    }

    /** Its parameters. */
    EncoderWeights weights() {
        return weights;
    }

    /** The texts. */
    EqualLengths texts() {
        return texts;
    }

    /** The stream that goes into a layer, or out of the last, (N, D). */
    Tensor into(int layer) {
        return layer == 0
                ? weights.norm(embedded_ND, EncoderWeights.EMBEDDINGS + "LayerNorm")
                : weights.norm(fed(layer - 1), EncoderWeights.part(layer - 1, EncoderWeights.FED_NORM));
    }

    /** The stream between a layer's attention and feed-forward block, (N, D). */
    Tensor between(int layer) {
        return weights.norm(mixed(layer), EncoderWeights.part(layer, EncoderWeights.MIXED_NORM));
    }

    /** The same before its norm. */
    Tensor mixed(int layer) {
        return mixed.get(layer);
    }

    /** The stream that leaves a layer, before its norm, (N, D). */
    Tensor fed(int layer) {
        return fed.get(layer);
    }

    /** The {@code count} strongest heads of a layer, ascending. */
    public List<Integer> heads(int layer, int count) {
        return Ranking.most(heads[layer], count);
    }

    /** The {@code count} strongest feed-forward channels of a layer, ascending. */
    public List<Integer> channels(int layer, int count) {
        return Ranking.most(channels[layer], count);
    }

    /** The {@code count} strongest outputs of the pooler, ascending. */
    public List<Integer> pooled(int count) {
        return Ranking.most(pooled, count);
    }

    @Override
    public void close() {
        embedded_ND.close();
        mixed.forEach(Tensor::close);
        fed.forEach(Tensor::close);
    }
}
