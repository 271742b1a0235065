package dev.shoestring.models;

import java.util.List;
import java.util.Map;

/**
 * How far a convolutional network is smaller than its architecture says, because parts of it were cut out.
 *
 * @param blocks blocks in each stage; empty where no block is missing
 * @param channels channels of each group ({@link ChannelMap}) that is smaller than the architecture's, by the group's name
 */
public record ImageShape(List<Integer> blocks, Map<String, Integer> channels) {
    /** As the architecture says. */
    public static final ImageShape WHOLE = new ImageShape(List.of(), Map.of());

    /** Copies both. */
    public ImageShape {
        blocks = List.copyOf(blocks);
        channels = Map.copyOf(channels);
    }

    /** Channels of a group, of which the architecture has {@code own}. */
    public int channels(String group, int own) {
        return channels.getOrDefault(group, own);
    }

    /** Blocks of a stage, counted from 0, of which the architecture has {@code own}. */
    public int blocks(int stage, int own) {
        return blocks.isEmpty() ? own : blocks.get(stage);
    }

    /** The same without a word about channels. */
    ImageShape ofOwnChannels() {
        return new ImageShape(blocks, Map.of());
    }
}
