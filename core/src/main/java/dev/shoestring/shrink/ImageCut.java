package dev.shoestring.shrink;

import dev.shoestring.models.ChannelMap;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.models.ImageShape;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a convolutional network. Every list has places in the full network, ascending.
 *
 * @param blocks the blocks of each stage
 * @param channels the channels of each group, by its name in the full network; all of those that are not named
 */
public record ImageCut(List<List<Integer>> blocks, Map<String, List<Integer>> channels) {
    /** Copies both. */
    public ImageCut {
        blocks = blocks.stream().map(List::copyOf).toList();
        Map<String, List<Integer>> copy = new TreeMap<>();
        channels.forEach((group, kept) -> {
            if (kept.isEmpty()) {
                throw new IllegalArgumentException("no channel of " + group + " is kept");
            }
            copy.put(group, List.copyOf(kept));
        });
        channels = Collections.unmodifiableMap(copy);
    }

    /** Everything. */
    public static ImageCut nothing(ChannelMap map) {
        return new ImageCut(
                map.stages().stream()
                        .map(stage -> BertCut.upTo(stage.blocks().size()))
                        .toList(),
                Map.of());
    }

    /** The same with other channels. */
    ImageCut keeping(Map<String, List<Integer>> other) {
        return new ImageCut(blocks, other);
    }

    /** The channels of a group of the full network that are kept. */
    List<Integer> kept(ChannelMap map, String group) {
        @Nullable List<Integer> some = channels.get(group);
        return some == null ? BertCut.upTo(map.size(group)) : some;
    }

    /** The name in the full network of a tensor, layer or group of the cut one, whose blocks are numbered anew. */
    String fullName(ChannelMap map, String name) {
        for (int stage = 0; stage < blocks.size(); stage++) {
            String prefix = map.stages().get(stage).prefix();
            if (name.startsWith(prefix)) {
                int end = name.indexOf('.', prefix.length());
                int place = Integer.parseInt(name.substring(prefix.length(), end));
                return prefix + blocks.get(stage).get(place) + name.substring(end);
            }
        }
        return name;
    }

    /** What is kept of a network of this configuration. */
    public ImageConfig config(ImageConfig full) {
        ChannelMap map = ImageNetworks.channelMap(full);
        List<Integer> counts = blocks.stream().map(List::size).toList();
        ImageConfig architecture = full.shaped(ImageShape.WHOLE);
        List<Integer> own = ImageNetworks.channelMap(architecture).stages().stream()
                .map(stage -> stage.blocks().size())
                .toList();
        ImageShape fewer = new ImageShape(counts.equals(own) ? List.of() : counts, Map.of());
        Map<String, Integer> sizes = new HashMap<>();
        ImageNetworks.channelMap(full.shaped(fewer)).sizes().forEach((group, most) -> {
            String there = fullName(map, group);
            int size = kept(map, there).size();
            if (size < most) {
                sizes.put(group, size);
            }
        });
        return full.shaped(new ImageShape(fewer.blocks(), sizes));
    }

    /** Whether a block of the full network is kept. */
    boolean keeps(int stage, int block) {
        return Objects.requireNonNull(blocks.get(stage)).contains(block);
    }
}
