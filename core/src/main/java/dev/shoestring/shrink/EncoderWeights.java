package dev.shoestring.shrink;

import dev.shoestring.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/**
 * A BERT encoder's parameters by the parts of a layer, for following texts through it step by step.
 *
 * @param parameters all of them by their names
 * @param heads attention heads of a layer
 * @param eps what LayerNorm adds to the variance
 */
record EncoderWeights(Map<String, Tensor> parameters, int heads, double eps) {
    // N tokens, D model width
    static final String EMBEDDINGS = "bert.embeddings.";
    static final String QUERY = "attention.self.query";
    static final String KEY = "attention.self.key";
    static final String VALUE = "attention.self.value";
    static final String MIXING = "attention.output.dense";
    static final String MIXED_NORM = "attention.output.LayerNorm";
    static final String UP = "intermediate.dense";
    static final String DOWN = "output.dense";
    static final String FED_NORM = "output.LayerNorm";

    Tensor get(String name) {
        return Objects.requireNonNull(parameters.get(name), name).detach();
    }

    /** Where a part of a layer has its parameters. */
    static String part(int layer, String part) {
        return "bert.encoder.layer." + layer + "." + part;
    }

    Tensor linear(Tensor x, String part) {
        return x.linear(get(part + ".weight"), get(part + ".bias"));
    }

    Tensor norm(Tensor x, String part) {
        return x.layerNorm(get(part + ".weight"), get(part + ".bias"), eps);
    }

    /** The embeddings' sum before their norm, (N, D). */
    Tensor embedded(EqualLengths texts, IntUnaryOperator row) {
        return get(EMBEDDINGS + "word_embeddings.weight")
                .embedding(texts.ids(row))
                .add(get(EMBEDDINGS + "position_embeddings.weight").embedding(texts.positions()))
                .add(get(EMBEDDINGS + "token_type_embeddings.weight").select(0, 0));
    }

    /** What attention gives to each token, before it is mixed; (N, heads' width). */
    Tensor attended(int layer, Tensor x_ND, EqualLengths texts) {
        return texts.attend(
                linear(x_ND, part(layer, QUERY)),
                linear(x_ND, part(layer, KEY)),
                linear(x_ND, part(layer, VALUE)),
                heads);
    }
}
