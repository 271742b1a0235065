package dev.shoestring.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which channels of a convolutional network can only be cut together. A group is named after the convolution that writes it; where several add up
 * (a stage of residual blocks), after the stage. A depthwise convolution reads and writes one group.
 */
public final class ChannelMap {
    private final Map<String, Integer> sizes = new LinkedHashMap<>();
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private final List<Stage> stages = new ArrayList<>();

    /**
     * A layer with parameters.
     *
     * @param name prefix of their names
     * @param reads group that the second dimension of its weight belongs to; null if that cannot be cut
     * @param writes group that the first dimension of all its tensors belongs to; null if that cannot be cut
     */
    public record Layer(
            String name, @Nullable String reads, @Nullable String writes) {}

    /**
     * A part of the network that repeats blocks.
     *
     * @param prefix what stands before a block's number in names of parameters
     * @param blocks its blocks, in order
     */
    public record Stage(String prefix, List<Block> blocks) {
        /** Copies the list. */
        public Stage {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * A block.
     *
     * @param branchEnd the normalization whose result is added to what the block is given; null where the block cannot be left out
     */
    public record Block(@Nullable String branchEnd) {}

    ChannelMap() {}

    /** Adds a group. Returns its name. */
    String group(String name, int size) {
        sizes.put(name, size);
        return name;
    }

    /** Adds a layer. Returns this. */
    ChannelMap layer(String name, @Nullable String reads, @Nullable String writes) {
        layers.put(name, new Layer(name, reads, writes));
        return this;
    }

    /** Adds a convolution and the normalization after it. Returns this. */
    ChannelMap normalized(String convolution, String norm, @Nullable String reads, String writes) {
        return layer(convolution, reads, writes).layer(norm, null, writes);
    }

    void stage(String prefix, List<Block> blocks) {
        stages.add(new Stage(prefix, blocks));
    }

    /** Channels of each group, by its name. */
    public Map<String, Integer> sizes() {
        return Map.copyOf(sizes);
    }

    /** Names of the groups, from the image to the classifier. */
    public List<String> groups() {
        return List.copyOf(sizes.keySet());
    }

    /** Channels of a group. */
    public int size(String group) {
        return Objects.requireNonNull(sizes.get(group), group);
    }

    /** The layers, from the image to the classifier. */
    public List<Layer> layers() {
        return List.copyOf(layers.values());
    }

    /** The layer that a tensor belongs to. */
    public Layer layerOf(String tensor) {
        return Objects.requireNonNull(layers.get(tensor.substring(0, tensor.lastIndexOf('.'))), tensor);
    }

    /** The parts that repeat blocks; empty if none can be left out. */
    public List<Stage> stages() {
        return List.copyOf(stages);
    }
}
