package dev.shoestring.shrink;

import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * How much each part of a BERT classifier matters on some texts.
 *
 * <p>Layers by <em>block influence</em>: 1 − the mean cosine of what goes into a layer and what comes out, over all tokens (arXiv
 * 2403.03853). Everything else by the <em>first-order Taylor</em> estimate of what the loss changes when a part is
 * multiplied by 0 (arXiv 1906.10771): the derivative with respect to a gate on the part, which is the sum of weight times
 * gradient over the weights that read it, and absolute values summed over small batches. The gate of a channel of the residual stream is that on
 * the outputs of all LayerNorms, summed. A class and no record, for its arrays are compared nowhere.
 */
public final class BertImportance {
    // B batch, T tokens, D model width, F feed-forward channels
    private static final String LAYER = "bert.encoder.layer.";

    private final double[] layers;
    private final double[][] heads;
    private final double[][] channels;
    private final double[] width;
    private final double[] pooled;

    private BertImportance(int numLayers, int numHeads, int channels, int width) {
        this.layers = new double[numLayers];
        this.heads = new double[numLayers][numHeads];
        this.channels = new double[numLayers][channels];
        this.width = new double[width];
        this.pooled = new double[width];
    }

    /**
     * Measures on labelled texts. Gradients of the model's parameters are cleared.
     *
     * @param store the model's parameters, all of which record gradients
     * @param batches small batches: a sum over many texts hides parts that matter to few
     */
    public static BertImportance measure(Bert model, ParameterStore store, List<TokenBatch> batches) {
        BertImportance found = new BertImportance(
                model.config().numLayers(),
                model.config().numHeads(),
                model.config().intermediateSize(),
                model.config().hiddenSize());
        long tokens = 0;
        for (TokenBatch batch : batches) {
            try (TensorScope scope = TensorScope.open()) {
                found.influence(model, batch);
                BertInput input = BertInput.of(batch);
                model.logits(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE)
                        .crossEntropySum(Tensor.of(batch.labels(), batch.size()), 0)
                        .backward();
                found.taylor(store);
            } finally {
                store.all().values().forEach(Tensor::clearGrad);
            }
            tokens += batch.realTokens();
        }
        for (int layer = 0; layer < found.layers.length; layer++) {
            found.layers[layer] /= tokens;
        }
        return found;
    }

    private void influence(Bert model, TokenBatch batch) {
        try (NoGrad guard = NoGrad.on()) {
            BertInput input = BertInput.of(batch);
            List<Tensor> states = model.states(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE);
            float[] real = new float[batch.size() * batch.maxLength()];
            for (int row = 0; row < batch.size(); row++) {
                Arrays.fill(real, row * batch.maxLength(), row * batch.maxLength() + batch.lengths()[row], 1);
            }
            Tensor real_BT = Tensor.of(real, batch.size(), batch.maxLength());
            for (int layer = 0; layer < layers.length; layer++) {
                Tensor in_BTD = states.get(layer);
                Tensor out_BTD = states.get(layer + 1);
                Tensor norms_BT = in_BTD.mul(in_BTD)
                        .sum(2)
                        .mul(out_BTD.mul(out_BTD).sum(2))
                        .sqrt();
                Tensor cosine_BT = in_BTD.mul(out_BTD).sum(2).div(norms_BT);
                layers[layer] +=
                        batch.realTokens() - cosine_BT.mul(real_BT).sum().item();
            }
        }
    }

    private void taylor(ParameterStore store) {
        try (NoGrad guard = NoGrad.on()) {
            float[] stream = new float[width.length];
            addTo(stream, store, "bert.embeddings.LayerNorm");
            for (int layer = 0; layer < layers.length; layer++) {
                String name = LAYER + layer;
                add(channels[layer], columnGates(store, name + ".output.dense.weight"), 1);
                add(
                        heads[layer],
                        columnGates(store, name + ".attention.output.dense.weight"),
                        width.length / heads[layer].length);
                addTo(stream, store, name + ".attention.output.LayerNorm");
                addTo(stream, store, name + ".output.LayerNorm");
            }
            add(width, stream, 1);
            add(pooled, columnGates(store, "classifier.weight"), 1);
        }
    }

    /** Weight times gradient summed over the rows of a matrix: the derivative of a gate on each of its inputs. */
    private static float[] columnGates(ParameterStore store, String matrix) {
        return product(store, matrix).sum(0).toFloats();
    }

    private static void addTo(float[] stream, ParameterStore store, String norm) {
        float[] weight = product(store, norm + ".weight").toFloats();
        float[] bias = product(store, norm + ".bias").toFloats();
        for (int i = 0; i < stream.length; i++) {
            stream[i] += weight[i] + bias[i];
        }
    }

    private static Tensor product(ParameterStore store, String name) {
        Tensor parameter = Objects.requireNonNull(store.all().get(name), name);
        Tensor gradient = parameter.grad();
        return gradient == null ? Tensor.zeros(DType.FLOAT32, parameter.shape()) : parameter.mul(gradient);
    }

    /** Adds the absolute values of gates that are each a group of neighbours. */
    private static void add(double[] sums, float[] gates, int group) {
        for (int i = 0; i < sums.length; i++) {
            double gate = 0;
            for (int j = 0; j < group; j++) {
                gate += gates[i * group + j];
            }
            sums[i] += Math.abs(gate);
        }
    }

    /** Block influence of each layer, from 0 for a layer that changes no direction. */
    public double[] layers() {
        return layers.clone();
    }

    /** The {@code count} heads of a layer that matter most, ascending. */
    public List<Integer> heads(int layer, int count) {
        return most(heads[layer], count);
    }

    /** The {@code count} feed-forward channels of a layer that matter most, ascending. */
    public List<Integer> channels(int layer, int count) {
        return most(channels[layer], count);
    }

    /** The {@code count} channels of the residual stream that matter most, ascending. */
    public List<Integer> width(int count) {
        return most(width, count);
    }

    /** The {@code count} outputs of the pooler that matter most, ascending. */
    public List<Integer> pooled(int count) {
        return most(pooled, count);
    }

    /** The places of the greatest values, ascending; of equal ones the first. */
    static List<Integer> most(double[] values, int count) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> values[i]).reversed())
                .limit(count)
                .sorted()
                .toList();
    }
}
