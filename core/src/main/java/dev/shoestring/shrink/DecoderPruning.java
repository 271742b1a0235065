package dev.shoestring.shrink;

import dev.shoestring.models.DecoderConfig;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a smaller decoder, cut out of those of a larger one: rows and columns of the matrices that a {@link DecoderCut} keeps. Where it
 * keeps all, the tensor itself is handed on. Heads and feed-forward channels that are left out leave the output of the full network with
 * them at zero.
 *
 * <p>So does the width, where the norms are corrected: RMSNorm divides by the root of a mean, which is taken over D′ instead of D channels. The root
 * of the mean of the kept channels is {@code √(s·D/D′)} times that of all, if they hold the share s of the sum of squares, and the norm's
 * weights are multiplied by that. With s = 1 this is the full network with the other channels at zero; with s as measured it is, in the
 * mean, the full network's own norm (Minitron, arXiv 2407.14679, cuts the width too but leaves the norms to the healing).
 */
public final class DecoderPruning implements ParameterStore.Source {
    private static final String LAYER = "model.layers.";

    private final Map<String, Tensor> full;
    private final DecoderConfig config;
    private final DecoderCut cut;
    private final ToDoubleFunction<String> held;

    /**
     * The weights of {@code cut} of a network.
     *
     * @param full all parameters by their names
     * @param config its sizes
     * @param held for each norm over the width, by the name of its weight in the full network, the share of the sum of squares of its input that the
     *     kept channels hold, in (0, 1]
     */
    public DecoderPruning(
            Map<String, Tensor> full, DecoderConfig config, DecoderCut cut, ToDoubleFunction<String> held) {
        this.full = full;
        this.config = config;
        this.cut = cut;
        this.held = held;
    }

    @Override
    public @Nullable Tensor load(String name) {
        if (!name.startsWith(LAYER)) {
            @Nullable Tensor whole = full.get(name);
            if (whole == null) {
                return null;
            }
            return name.equals("model.norm.weight")
                    ? norm(name, whole)
                    : columns(whole.narrow(0, 0, cut.vocabulary()), cut.width());
        }
        int dot = name.indexOf('.', LAYER.length());
        int place = Integer.parseInt(name.substring(LAYER.length(), dot));
        String rest = name.substring(dot + 1);
        String source = LAYER + cut.layers().get(place) + "." + rest;
        @Nullable Tensor whole = full.get(source);
        return whole == null ? null : inLayer(source, rest, whole, place);
    }

    private Tensor inLayer(String source, String rest, Tensor whole, int place) {
        List<Integer> width = cut.width();
        List<Integer> queries = rowsOf(cut.heads().get(place));
        List<Integer> keys = rowsOf(cut.keyValueHeads().get(place));
        List<Integer> channels = cut.channels().get(place);
        return switch (rest) {
            case "input_layernorm.weight", "post_attention_layernorm.weight" -> norm(source, whole);
            case "self_attn.q_proj.weight" -> columns(rows(whole, queries), width);
            case "self_attn.q_proj.bias" -> rows(whole, queries);
            case "self_attn.k_proj.weight", "self_attn.v_proj.weight" -> columns(rows(whole, keys), width);
            case "self_attn.k_proj.bias", "self_attn.v_proj.bias" -> rows(whole, keys);
            case "self_attn.o_proj.weight" -> columns(rows(whole, width), queries);
            case "mlp.gate_proj.weight", "mlp.up_proj.weight" -> columns(rows(whole, channels), width);
            case "mlp.gate_proj.bias", "mlp.up_proj.bias" -> rows(whole, channels);
            case "mlp.down_proj.weight" -> columns(rows(whole, width), channels);
            case "self_attn.o_proj.bias", "mlp.down_proj.bias" -> rows(whole, width);
            default -> whole; // norms of queries and keys, which are as wide as a head
        };
    }

    private Tensor norm(String source, Tensor whole) {
        int kept = cut.width().size();
        if (kept == config.hiddenSize()) {
            return whole;
        }
        double factor = Math.sqrt(held.applyAsDouble(source) * config.hiddenSize() / kept);
        return rows(whole, cut.width()).mul(factor);
    }

    private List<Integer> rowsOf(List<Integer> heads) {
        List<Integer> rows = new ArrayList<>();
        for (int head : heads) {
            IntStream.range(head * config.headDim(), (head + 1) * config.headDim())
                    .forEach(rows::add);
        }
        return rows;
    }

    private static Tensor rows(Tensor whole, List<Integer> kept) {
        return along(whole, 0, kept);
    }

    private static Tensor columns(Tensor whole, List<Integer> kept) {
        return along(whole, 1, kept);
    }

    private static Tensor along(Tensor whole, int dim, List<Integer> kept) {
        if (kept.size() == whole.size(dim)) {
            return whole;
        }
        long[] index = kept.stream().mapToLong(Integer::longValue).toArray();
        return whole.indexSelect(dim, Tensor.of(index, index.length));
    }
}
