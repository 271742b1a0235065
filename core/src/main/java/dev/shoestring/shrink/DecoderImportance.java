package dev.shoestring.shrink;

import dev.shoestring.models.AttentionContext;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.Visibility;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.NextToken;
import dev.shoestring.train.TokenRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * How much each part of a decoder matters on some text.
 *
 * <p>Layers by <em>block influence</em>: 1 − the mean cosine of what goes into a block and what comes out (ShortGPT, arXiv 2403.03853).
 * Heads, feed-forward channels and the width by the <em>first-order Taylor</em> estimate of what the loss changes when a part is multiplied by 0 (arXiv
 * 1906.10771): the derivative with respect to a gate on the part, which is the sum of weight times gradient over the weights that
 * read it, absolute values summed over small batches. The gate of a channel of the residual stream is that on the outputs of all norms over
 * the width, summed. Beside it the mean square of each channel where it enters each norm, by which norms are corrected when the width is cut. A class
 * and no record, for its arrays are compared nowhere.
 */
public final class DecoderImportance {
    // B batch, T tokens, D model width
    private static final String LAYER = "model.layers.";
    private static final String LAST_NORM = "model.norm.weight";

    private final DecoderConfig config;
    private final double[] layers;
    private final double[][] heads;
    private final double[][] groups;
    private final double[][] channels;
    private final double[] width;
    private final double[][] squares;

    private DecoderImportance(DecoderConfig config) {
        int numLayers = config.numLayers();
        this.config = config;
        this.layers = new double[numLayers];
        this.heads = new double[numLayers][config.numHeads()];
        this.groups = new double[numLayers][config.numKeyValueHeads()];
        this.channels = new double[numLayers][config.intermediateSize()];
        this.width = new double[config.hiddenSize()];
        this.squares = new double[2 * numLayers + 1][config.hiddenSize()];
    }

    /**
     * Measures on rows of tokens. Gradients of the model's parameters are cleared.
     *
     * @param objective the decoder's loss
     * @param store its parameters, all of which record gradients
     * @param rows small batches: a sum over many tokens hides parts that matter to few
     */
    public static DecoderImportance measure(NextToken objective, ParameterStore store, List<TokenRows> rows) {
        Decoder decoder = objective.pass().decoder();
        DecoderImportance found = new DecoderImportance(decoder.config());
        long tokens = 0;
        for (TokenRows batch : rows) {
            try (TensorScope scope = TensorScope.open()) {
                found.activations(decoder, batch);
                objective.backward(
                        batch, (double) batch.weight(), objective.pass().arithmetic());
                found.taylor(store);
            } finally {
                store.all().values().forEach(Tensor::clearGrad);
            }
            tokens += (long) batch.rows() * batch.length();
        }
        for (int layer = 0; layer < found.layers.length; layer++) {
            found.layers[layer] /= tokens;
        }
        return found;
    }

    private void activations(Decoder decoder, TokenRows rows) {
        try (NoGrad guard = NoGrad.on()) {
            AttentionContext context = Visibility.of(decoder, rows.starts(), rows.length());
            Tensor x_BTD = decoder.embed(rows.ids());
            for (int layer = 0; layer < layers.length; layer++) {
                Tensor in_BTD = x_BTD;
                Tensor middle_BTD = decoder.blocks().get(layer).attended(in_BTD, context);
                Tensor out_BTD = decoder.blocks().get(layer).fed(middle_BTD);
                add(squares[2 * layer], in_BTD);
                add(squares[2 * layer + 1], middle_BTD);
                layers[layer] += turned(in_BTD, out_BTD);
                x_BTD = out_BTD;
            }
            add(squares[2 * layers.length], x_BTD);
        }
    }

    /** 1 − cosine, summed over all tokens. */
    private static double turned(Tensor in_BTD, Tensor out_BTD) {
        Tensor norms_BT =
                in_BTD.mul(in_BTD).sum(2).mul(out_BTD.mul(out_BTD).sum(2)).sqrt();
        Tensor cosine_BT = in_BTD.mul(out_BTD).sum(2).div(norms_BT);
        return cosine_BT.numel() - cosine_BT.sum().item();
    }

    private static void add(double[] sums, Tensor x_BTD) {
        float[] squares = x_BTD.mul(x_BTD).mean(0, 1).toFloats();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += squares[i];
        }
    }

    private void taylor(ParameterStore store) {
        try (NoGrad guard = NoGrad.on()) {
            float[] stream = new float[width.length];
            addTo(stream, product(store, LAST_NORM));
            for (int layer = 0; layer < layers.length; layer++) {
                String name = LAYER + layer;
                addAbsolute(
                        channels[layer],
                        product(store, name + ".mlp.down_proj.weight").sum(0).toFloats());
                float[] read =
                        product(store, name + ".self_attn.o_proj.weight").sum(0).toFloats();
                addAbsolute(heads[layer], read);
                addAbsolute(groups[layer], read);
                addTo(stream, product(store, name + ".input_layernorm.weight"));
                addTo(stream, product(store, name + ".post_attention_layernorm.weight"));
            }
            addAbsolute(width, stream);
        }
    }

    private static void addTo(float[] stream, Tensor gates_D) {
        float[] gates = gates_D.toFloats();
        for (int i = 0; i < stream.length; i++) {
            stream[i] += gates[i];
        }
    }

    private static Tensor product(ParameterStore store, String name) {
        Tensor parameter = Objects.requireNonNull(store.all().get(name), name);
        Tensor gradient = parameter.grad();
        return gradient == null ? Tensor.zeros(DType.FLOAT32, parameter.shape()) : parameter.mul(gradient);
    }

    /** Adds the absolute values of gates on groups of as many neighbours as there are for each. */
    private static void addAbsolute(double[] sums, float[] gates) {
        int group = gates.length / sums.length;
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

    /**
     * What is kept of a network of {@code smaller} sizes.
     *
     * @param layers which layers are kept, as many as it has
     */
    public DecoderCut cut(DecoderConfig smaller, List<Integer> layers) {
        int each = smaller.numHeads() / smaller.numKeyValueHeads();
        int groupSize = config.numHeads() / config.numKeyValueHeads();
        List<List<Integer>> keptHeads = new ArrayList<>();
        List<List<Integer>> keptGroups = new ArrayList<>();
        for (int layer : layers) {
            List<Integer> own = Ranking.most(groups[layer], smaller.numKeyValueHeads());
            List<Integer> queries = new ArrayList<>();
            for (int group : own) {
                double[] members =
                        java.util.Arrays.copyOfRange(heads[layer], group * groupSize, (group + 1) * groupSize);
                Ranking.most(members, each).forEach(member -> queries.add(group * groupSize + member));
            }
            keptGroups.add(own);
            keptHeads.add(queries);
        }
        return new DecoderCut(
                smaller.vocabSize(),
                layers,
                keptHeads,
                keptGroups,
                layers.stream()
                        .map(layer -> Ranking.most(channels[layer], smaller.intermediateSize()))
                        .toList(),
                Ranking.most(width, smaller.hiddenSize()));
    }

    /**
     * The share of the sum of squares that some channels hold where the residual stream enters a norm.
     *
     * @param norm the name of the norm's weight
     * @param kept channels of the width
     */
    public double held(String norm, List<Integer> kept) {
        double[] all = squares[place(norm)];
        double part = kept.stream().mapToDouble(channel -> all[channel]).sum();
        double whole = IntStream.range(0, all.length).mapToDouble(i -> all[i]).sum();
        return whole > 0 && part > 0 ? part / whole : 1;
    }

    private int place(String norm) {
        if (norm.equals(LAST_NORM)) {
            return 2 * config.numLayers();
        }
        int dot = norm.indexOf('.', LAYER.length());
        int layer = Integer.parseInt(norm.substring(LAYER.length(), dot));
        return 2 * layer + (norm.endsWith(".post_attention_layernorm.weight") ? 1 : 0);
    }
}
