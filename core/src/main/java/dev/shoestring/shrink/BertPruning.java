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

    /**
     * The weights of {@code cut} of a network.
     *
     * @param full all parameters by their names
     * @param config its sizes
     */
    public BertPruning(Map<String, Tensor> full, BertConfig config, BertCut cut) {
        this.full = full;
        this.config = config;
        this.cut = cut;
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
            case "bert.embeddings.word_embeddings.weight" -> columns(rows(whole, cut.words()), cut.width());
            case "bert.embeddings.position_embeddings.weight" ->
                columns(whole.narrow(0, 0, cut.positions()), cut.width());
            case "bert.embeddings.token_type_embeddings.weight" -> columns(whole, cut.width());
            case "bert.pooler.dense.weight" -> columns(rows(whole, cut.pooled()), cut.width());
            case "bert.pooler.dense.bias" -> rows(whole, cut.pooled());
            case "classifier.weight" -> columns(whole, cut.pooled());
            case "classifier.bias" -> whole;
            default -> rows(whole, cut.width()); // the embeddings' LayerNorm
        };
    }

    private Tensor inLayer(String rest, Tensor whole, int place) {
        List<Integer> width = cut.width();
        List<Integer> channels = cut.channels().get(place);
        if (rest.startsWith("attention.self.")) {
            Tensor own = rows(whole, headRows(place));
            return rest.endsWith(".weight") ? columns(own, width) : own;
        }
        return switch (rest) {
            case "attention.output.dense.weight" -> columns(rows(whole, width), headRows(place));
            case "intermediate.dense.weight" -> columns(rows(whole, channels), width);
            case "intermediate.dense.bias" -> rows(whole, channels);
            case "output.dense.weight" -> columns(rows(whole, width), channels);
            default -> rows(whole, width); // biases of the two outputs, and LayerNorms
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
