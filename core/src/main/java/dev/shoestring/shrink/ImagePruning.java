package dev.shoestring.shrink;

import dev.shoestring.models.ChannelMap;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a smaller convolutional network, cut out of those of a larger one: of each tensor the rows and columns that an {@link ImageCut} keeps, the
 * running statistics of batch normalization with them. Where it keeps all, the tensor itself is handed on. The output is that of the full network whose later
 * layers read zero from the channels that are left out, and whose blocks that are left out add nothing; normalization by batch statistics knows each channel
 * alone, so this holds for all channels.
 */
public final class ImagePruning implements ParameterStore.Source {
    private final Map<String, Tensor> full;
    private final ChannelMap map;
    private final ImageCut cut;

    /**
     * The weights of {@code cut} of a network.
     *
     * @param full all parameters and running statistics by their names
     * @param map which of its channels belong together
     */
    public ImagePruning(Map<String, Tensor> full, ChannelMap map, ImageCut cut) {
        this.full = full;
        this.map = map;
        this.cut = cut;
    }

    @Override
    public @Nullable Tensor load(String name) {
        String there = cut.fullName(map, name);
        @Nullable Tensor whole = full.get(there);
        if (whole == null) {
            return null;
        }
        ChannelMap.Layer layer = map.layerOf(there);
        Tensor rows = kept(whole, 0, layer.writes());
        return whole.dim() > 1 ? kept(rows, 1, layer.reads()) : rows;
    }

    private Tensor kept(Tensor whole, int dim, @Nullable String group) {
        @Nullable List<Integer> kept = group == null ? null : cut.channels().get(group);
        if (kept == null || kept.size() == whole.size(dim)) {
            return whole;
        }
        long[] index = kept.stream().mapToLong(Integer::longValue).toArray();
        return whole.indexSelect(dim, Tensor.of(index, index.length));
    }
}
