package dev.shoestring.shrink;

import dev.shoestring.models.ChannelMap;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How much each channel and block of a convolutional network matters.
 *
 * <p><em>Taylor</em>: the first-order estimate of what the loss changes when a channel is read as zero (arXiv 1906.10771): weight times gradient, summed over
 * the filters that read it, absolute values summed over small batches. Of a block: the same of the normalization whose result is added to its input.
 * <em>Magnitude</em>: the norm of the filters that read a channel, times the factor that its batch normalization gives it (network slimming, arXiv 1708.06519),
 * which needs no images. A class and no record, for its arrays are compared nowhere.
 */
public final class ImageImportance {
    // B batch, C channels, O filters
    private final ChannelMap map;
    private final Map<String, double[]> channels = new HashMap<>();
    private final List<double[]> blocks = new ArrayList<>();

    private ImageImportance(ChannelMap map) {
        this.map = map;
        map.sizes().forEach((group, size) -> channels.put(group, new double[size]));
        map.stages().forEach(stage -> blocks.add(new double[stage.blocks().size()]));
    }

    /**
     * A small batch.
     *
     * @param x_BCHW normalized images
     * @param labels their labels, (B), whole numbers
     */
    public record Labelled(Tensor x_BCHW, Tensor labels) {}

    /**
     * By the loss on labelled images. Gradients of the network's parameters are cleared.
     *
     * @param store its parameters, all of which record gradients
     * @param batches how many small batches there are: a sum over many images hides channels that matter to few
     * @param images a batch, made inside the open scope
     */
    public static ImageImportance taylor(
            ImageNetwork network, ParameterStore store, ChannelMap map, int batches, IntFunction<Labelled> images) {
        ImageImportance found = new ImageImportance(map);
        for (int batch = 0; batch < batches; batch++) {
            try (TensorScope scope = TensorScope.open()) {
                Labelled some = images.apply(batch);
                network.logits(some.x_BCHW(), Mode.EVALUATE)
                        .crossEntropySum(some.labels(), 0)
                        .backward();
                found.addGates(store);
            } finally {
                store.all().values().forEach(Tensor::clearGrad);
            }
        }
        return found;
    }

    /** By the weights alone; blocks as {@code taylor} has them, in whose place nothing as cheap is known to work. */
    public static ImageImportance magnitude(ParameterStore store, ChannelMap map, ImageImportance taylor) {
        ImageImportance found = new ImageImportance(map);
        for (int stage = 0; stage < found.blocks.size(); stage++) {
            found.blocks.set(stage, taylor.blocks.get(stage).clone());
        }
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            for (ChannelMap.Layer layer : map.layers()) {
                if (layer.reads() != null) {
                    Tensor weight = tensor(store, layer.name() + ".weight");
                    add(found.of(layer.reads()), byReader(weight.mul(weight)), 1);
                }
            }
            Map<String, double[]> factors = new HashMap<>();
            for (ChannelMap.Layer layer : map.layers()) {
                @Nullable Tensor weight = store.all().get(layer.name() + ".weight");
                if (layer.writes() != null && weight != null && weight.dim() == 1) {
                    double[] sum = factors.computeIfAbsent(layer.writes(), group -> new double[map.size(group)]);
                    add(sum, weight.mul(weight).toFloats(), 1);
                }
            }
            found.channels.forEach((group, scores) -> {
                double @Nullable [] squared = factors.get(group);
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = Math.sqrt(scores[i] * (squared == null ? 1 : squared[i]));
                }
            });
        }
        return found;
    }

    private void addGates(ParameterStore store) {
        try (NoGrad guard = NoGrad.on()) {
            Map<String, double[]> gates = new HashMap<>();
            for (ChannelMap.Layer layer : map.layers()) {
                if (layer.reads() != null) {
                    double[] gate = gates.computeIfAbsent(layer.reads(), group -> new double[map.size(group)]);
                    add(gate, byReader(product(store, layer.name() + ".weight")), 1);
                }
            }
            gates.forEach((group, gate) -> {
                double[] scores = of(group);
                for (int i = 0; i < gate.length; i++) {
                    scores[i] += Math.abs(gate[i]);
                }
            });
            for (int stage = 0; stage < blocks.size(); stage++) {
                List<ChannelMap.Block> all = map.stages().get(stage).blocks();
                for (int block = 0; block < all.size(); block++) {
                    @Nullable String end = all.get(block).branchEnd();
                    blocks.get(stage)[block] += end == null ? 0 : Math.abs(branch(store, end));
                }
            }
        }
    }

    private static double branch(ParameterStore store, String norm) {
        return product(store, norm + ".weight").sum().item()
                + product(store, norm + ".bias").sum().item();
    }

    /** Sums over all but the second dimension. */
    private static float[] byReader(Tensor weight) {
        return weight.transpose(0, 1).reshape(weight.size(1), -1).sum(1).toFloats();
    }

    private static void add(double[] sums, float[] values, double factor) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += factor * values[i];
        }
    }

    private static Tensor product(ParameterStore store, String name) {
        Tensor parameter = tensor(store, name);
        return parameter.mul(Objects.requireNonNull(parameter.grad(), name));
    }

    private static Tensor tensor(ParameterStore store, String name) {
        return Objects.requireNonNull(store.all().get(name), name);
    }

    private double[] of(String group) {
        return Objects.requireNonNull(channels.get(group), group);
    }

    /** The score of each channel of a group. */
    public double[] channels(String group) {
        return of(group).clone();
    }

    /** The scores of some channels of a group together. */
    double sum(String group, List<Integer> some) {
        double[] scores = of(group);
        return some.stream().mapToDouble(channel -> scores[channel]).sum();
    }

    /** The score of each block of a stage; 0 for one that cannot be left out. */
    public double[] blocks(int stage) {
        return blocks.get(stage).clone();
    }

    /** The {@code count} channels of a group that matter most, ascending. */
    public List<Integer> most(String group, int count) {
        return Ranking.most(of(group), count);
    }
}
