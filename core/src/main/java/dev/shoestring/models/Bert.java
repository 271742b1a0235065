package dev.shoestring.models;

import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Initializer;
import dev.shoestring.nn.LayerNorm;
import dev.shoestring.nn.Linear;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.nn.SelfAttention;
import dev.shoestring.nn.Shapes;
import dev.shoestring.tensor.Autocast;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * BERT (arXiv 1810.04805) with a classifier on the first token, under the parameter names of Transformers'
 * {@code BertForSequenceClassification}. Departures, none of which changes a result: the last layer computes only what the first
 * token needs ({@link #logits}), and segment 0 is taken for all tokens.
 */
public final class Bert {
    // B batch, T tokens, D model width, C classes
    private final BertConfig config;
    private final Tensor words;
    private final Tensor positions;
    private final Tensor segments;
    private final LayerNorm embeddingNorm;
    private final List<Layer> layers = new ArrayList<>();
    private final Linear pooler;
    private final Linear classifier;
    private final Dropout dropout;

    /** Takes its parameters from the store. */
    public Bert(BertConfig config, int numLabels, ParameterStore store, Dropout dropout) {
        this.config = config;
        this.dropout = dropout;
        int width = config.hiddenSize();
        Initializer normal = new Initializer.Normal(0.02);
        words = store.parameter("bert.embeddings.word_embeddings.weight", normal, config.vocabSize(), width);
        positions = store.parameter("bert.embeddings.position_embeddings.weight", normal, config.maxPositions(), width);
        segments =
                store.parameter("bert.embeddings.token_type_embeddings.weight", normal, config.typeVocabSize(), width);
        embeddingNorm = new LayerNorm(store, "bert.embeddings.LayerNorm", width, config.layerNormEps());
        for (int i = 0; i < config.numLayers(); i++) {
            layers.add(new Layer(config, store, "bert.encoder.layer." + i, dropout));
        }
        pooler = new Linear(store, "bert.pooler.dense", width, width);
        classifier = new Linear(store, "classifier", width, numLabels);
    }

    /** Sizes. */
    public BertConfig config() {
        return config;
    }

    /** The table of word embeddings, (vocabulary, D). */
    public Tensor wordEmbeddings() {
        return words;
    }

    /**
     * Class scores.
     *
     * @param ids_BT token ids, int64
     * @param bias_B11T 0 for tokens and a large negative number for padding; null if there is no padding
     * @return (B, C)
     */
    public Tensor logits(Tensor ids_BT, @Nullable Tensor bias_B11T, Mode mode) {
        return classify(firstTokens(ids_BT, bias_B11T, mode), mode);
    }

    /** Class scores from the encoder's output at the first tokens: (B, D) gives (B, C). */
    public Tensor classify(Tensor first_BD, Mode mode) {
        return classifier.forward(dropout.forward(pooler.forward(first_BD).tanh(), mode));
    }

    /** The encoder's output at the first token of each row, (B, D); equals {@link #hidden} there. */
    public Tensor firstTokens(Tensor ids_BT, @Nullable Tensor bias_B11T, Mode mode) {
        return finishFirst(into(config.numLayers() - 1, ids_BT, bias_B11T, mode), bias_B11T, mode);
    }

    /** What goes into a layer, (B, T, D); the first is 0. */
    public Tensor into(int layer, Tensor ids_BT, @Nullable Tensor bias_B11T, Mode mode) {
        Tensor x_BTD = embed(ids_BT, mode);
        for (Layer below : layers.subList(0, layer)) {
            x_BTD = below.forward(x_BTD, bias_B11T, mode);
        }
        return x_BTD;
    }

    /** {@link #firstTokens} from what goes into the last layer, (B, T, D). */
    public Tensor finishFirst(Tensor x_BTD, @Nullable Tensor bias_B11T, Mode mode) {
        return layers.get(layers.size() - 1)
                .forwardFirst(x_BTD, bias_B11T, mode)
                .select(1, 0);
    }

    /** Queries, keys and values of all heads of a layer, one head after the other, (B, T, 3 · D), from what goes into it, (B, T, D). */
    public Tensor queriesKeysValues(int layer, Tensor x_BTD) {
        return layers.get(layer).attention.queriesKeysValues(x_BTD);
    }

    /** The encoder's output at every token, (B, T, D). */
    public Tensor hidden(Tensor ids_BT, @Nullable Tensor bias_B11T, Mode mode) {
        Tensor x_BTD = embed(ids_BT, mode);
        for (Layer layer : layers) {
            x_BTD = layer.forward(x_BTD, bias_B11T, mode);
        }
        return x_BTD;
    }

    /** What goes into the first layer and what comes out of each, (B, T, D) each. */
    public List<Tensor> states(Tensor ids_BT, @Nullable Tensor bias_B11T, Mode mode) {
        List<Tensor> states = new ArrayList<>();
        Tensor x_BTD = embed(ids_BT, mode);
        states.add(x_BTD);
        for (Layer layer : layers) {
            x_BTD = layer.forward(x_BTD, bias_B11T, mode);
            states.add(x_BTD);
        }
        return states;
    }

    private Tensor embed(Tensor ids_BT, Mode mode) {
        Shapes.require("bert", ids_BT, Shapes.ANY, Shapes.ANY);
        long tokens = ids_BT.size(1);
        if (tokens > config.maxPositions()) {
            throw new IllegalArgumentException(
                    "bert: " + tokens + " tokens, but the model has " + config.maxPositions() + " positions");
        }
        Tensor place_TD = positions.narrow(0, 0, tokens).add(segments.select(0, 0));
        return dropout.forward(
                Autocast.cast(embeddingNorm.forward(words.embedding(ids_BT).add(place_TD))), mode);
    }

    private static final class Layer {
        private final SelfAttention attention;
        private final Linear attentionOutput;
        private final LayerNorm attentionNorm;
        private final Linear intermediate;
        private final Linear output;
        private final LayerNorm outputNorm;
        private final Dropout dropout;

        Layer(BertConfig config, ParameterStore store, String name, Dropout dropout) {
            int width = config.hiddenSize();
            double eps = config.layerNormEps();
            attention = new SelfAttention(store, name + ".attention.self", width, config.numHeads(), dropout);
            attentionOutput = new Linear(store, name + ".attention.output.dense", width, width);
            attentionNorm = new LayerNorm(store, name + ".attention.output.LayerNorm", width, eps);
            intermediate = new Linear(store, name + ".intermediate.dense", width, config.intermediateSize());
            output = new Linear(store, name + ".output.dense", config.intermediateSize(), width);
            outputNorm = new LayerNorm(store, name + ".output.LayerNorm", width, eps);
            this.dropout = dropout;
        }

        Tensor forward(Tensor x_BTD, @Nullable Tensor bias_B11T, Mode mode) {
            return TensorScope.keep(() -> feedForward(x_BTD, attention.forward(x_BTD, bias_B11T, mode), mode));
        }

        Tensor forwardFirst(Tensor x_BTD, @Nullable Tensor bias_B11T, Mode mode) {
            return TensorScope.keep(
                    () -> feedForward(x_BTD.narrow(1, 0, 1), attention.forwardFirst(x_BTD, bias_B11T, mode), mode));
        }

        private Tensor feedForward(Tensor x_BTD, Tensor attended_BTD, Mode mode) {
            Tensor mixed_BTD = dropout.forward(attentionOutput.forward(attended_BTD), mode);
            Tensor h_BTD = attentionNorm.forward(mixed_BTD.add(x_BTD));
            Tensor fed_BTD = output.forward(intermediate.forward(h_BTD).gelu());
            return outputNorm.forward(dropout.forward(fed_BTD, mode).add(h_BTD));
        }
    }
}
