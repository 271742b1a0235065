package dev.shoestring.shrink;

import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a smaller BERT classifier, cut out of those of a larger one: rows and columns of the matrices that a {@link BertCut} keeps. Where
 * it keeps all, the tensor itself is handed on. What is left out is left out whole: the output is that of the full network with those channels
 * and heads at zero. Not so the width, for LayerNorm's mean and variance are then taken over fewer channels.
 */
public final class BertPruning implements ParameterStore.Source {
    private static final String LAYER = "bert.encoder.layer.";

    private final Map<String, Tensor> full;
    private final BertConfig config;
    private final BertCut cut;
    private final @Nullable StreamBasis basis;

    /**
     * The weights of {@code cut} of a network.
     *
     * @param full all parameters by their names
     * @param config its sizes
     */
    public BertPruning(Map<String, Tensor> full, BertConfig config, BertCut cut) {
        this(full, config, cut, null);
    }

    /**
     * The same on other channels of the residual stream.
     *
     * @param basis directions that become the channels, as many as {@code cut} has in its width; null keeps the channels that {@code cut} names
     */
    public BertPruning(Map<String, Tensor> full, BertConfig config, BertCut cut, @Nullable StreamBasis basis) {
        if (basis != null && basis.width() != cut.width().size()) {
            throw new IllegalArgumentException("a basis of " + basis.width() + " directions for a width of "
                    + cut.width().size());
        }
        this.full = full;
        this.config = config;
        this.cut = cut;
        this.basis = basis;
    }

    @Override
    public @Nullable Tensor load(String name) {
        if (!name.startsWith(LAYER)) {
            return outside(name);
        }
        int dot = name.indexOf('.', LAYER.length());
        int place = Integer.parseInt(name.substring(LAYER.length(), dot));
        String rest = name.substring(dot + 1);
        @Nullable Tensor whole = full.get(LAYER + cut.layers().get(place) + "." + rest);
        return whole == null ? null : inLayer(rest, whole, place);
    }

    private @Nullable Tensor outside(String name) {
        @Nullable Tensor whole = full.get(name);
        if (whole == null) {
            return null;
        }
        return switch (name) {
            case "bert.embeddings.word_embeddings.weight" -> reading(rows(whole, cut.words()));
            case "bert.embeddings.position_embeddings.weight" -> reading(whole.narrow(0, 0, cut.positions()));
            case "bert.embeddings.token_type_embeddings.weight" -> reading(whole);
            case "bert.pooler.dense.weight" -> reading(rows(whole, cut.pooled()));
            case "bert.pooler.dense.bias" -> rows(whole, cut.pooled());
            case "classifier.weight" -> columns(whole, cut.pooled());
            case "classifier.bias" -> whole;
            case "bert.embeddings.LayerNorm.weight" -> basis == null ? writing(whole) : basis.norm(whole, 0);
            default -> writing(whole); // the bias of the embeddings' LayerNorm
        };
    }

    private Tensor inLayer(String rest, Tensor whole, int place) {
        List<Integer> channels = cut.channels().get(place);
        if (rest.startsWith("attention.self.")) {
            Tensor own = rows(whole, headRows(place));
            return rest.endsWith(".weight") ? reading(own) : own;
        }
        return switch (rest) {
            case "attention.output.dense.weight" -> writing(columns(whole, headRows(place)));
            case "intermediate.dense.weight" -> reading(rows(whole, channels));
            case "intermediate.dense.bias" -> rows(whole, channels);
            case "output.dense.weight" -> writing(columns(whole, channels));
            case "attention.output.LayerNorm.weight" -> basis == null ? writing(whole) : basis.innerNorm(whole);
            case "output.LayerNorm.weight" ->
                basis == null ? writing(whole) : basis.norm(whole, cut.layers().get(place) + 1);
            default -> writing(whole); // biases of the two outputs and of LayerNorms
        };
    }

    /** Rows of query, key and value that belong to the kept heads. */
    private List<Integer> headRows(int place) {
        int headDim = config.hiddenSize() / config.numHeads();
        List<Integer> rows = new ArrayList<>();
        for (int head : cut.heads().get(place)) {
            for (int i = 0; i < headDim; i++) {
                rows.add(head * headDim + i);
            }
        }
        return rows;
    }

    /** Of a matrix whose rows read the residual stream. */
    private Tensor reading(Tensor whole) {
        return basis == null ? columns(whole, cut.width()) : basis.reading(whole);
    }

    /** Of a matrix whose columns write to the residual stream, or of a vector that is added to it. */
    private Tensor writing(Tensor whole) {
        return basis == null ? rows(whole, cut.width()) : basis.writing(whole);
    }

    private static Tensor rows(Tensor whole, List<Integer> kept) {
        return along(0, whole, kept);
    }

    private static Tensor columns(Tensor whole, List<Integer> kept) {
        return along(1, whole, kept);
    }

    private static Tensor along(int dim, Tensor whole, List<Integer> kept) {
        if (whole.size(dim) == kept.size()) {
            return whole;
        }
        long[] index = kept.stream().mapToLong(Integer::longValue).toArray();
        return whole.indexSelect(dim, Tensor.of(index, index.length));
    }
}
