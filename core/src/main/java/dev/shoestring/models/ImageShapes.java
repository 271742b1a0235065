package dev.shoestring.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code config.json} and recipes say of a network that is smaller than its architecture: {@code blocks}, a number for each stage, and {@code channels},
 * a number for each group that is smaller ({@link ChannelMap}). In {@code config.json} they lie under {@code shoestring_shape}, which timm passes over; the
 * blocks of a residual network stand in {@code model_args.layers} besides, as timm has it.
 */
public final class ImageShapes {
    private static final String KEY = "shoestring_shape";
    private static final String BLOCKS = "blocks";
    private static final String CHANNELS = "channels";

    private ImageShapes() {}

    /** The configuration with the shape that a {@code config.json} gives it. */
    static ImageConfig read(JsonNode json, ImageConfig whole, String source) {
        JsonNode shape = json.path(KEY);
        if (shape.isMissingNode()) {
            return whole;
        }
        String where = source + ": config.json: " + KEY + ".";
        List<Integer> blocks = new ArrayList<>();
        for (JsonNode count : shape.path(BLOCKS)) {
            blocks.add(whole(count, where + BLOCKS));
        }
        Map<String, Integer> channels = new LinkedHashMap<>();
        shape.path(CHANNELS)
                .properties()
                .forEach(group -> channels.put(group.getKey(), whole(group.getValue(), where + CHANNELS)));
        return shaped(whole, blocks, channels, where);
    }

    private static int whole(JsonNode value, String where) {
        if (!value.isInt()) {
            throw new InputException(where + ": must hold whole numbers, but holds " + value);
        }
        return value.intValue();
    }

    /**
     * A network of an architecture with fewer blocks and channels.
     *
     * @param where what stands before {@code blocks} and {@code channels} where they were read
     * @throws InputException if the architecture has no such stages or groups, or fewer channels or blocks
     */
    public static ImageConfig shaped(
            ImageConfig whole, List<Integer> blocks, Map<String, Integer> channels, String where) {
        if (blocks.isEmpty() && channels.isEmpty()) {
            return whole;
        }
        List<ChannelMap.Stage> stages = ImageNetworks.channelMap(whole).stages();
        if (!blocks.isEmpty() && blocks.size() != stages.size()) {
            throw new InputException(where + BLOCKS + ": must have a number for each of the " + stages.size()
                    + " stages of " + whole.architecture() + ", but has " + blocks.size());
        }
        for (int stage = 0; stage < blocks.size(); stage++) {
            int most = stages.get(stage).blocks().size();
            if (blocks.get(stage) < 1 || blocks.get(stage) > most) {
                throw new InputException(where + BLOCKS + "[" + stage + "]: must be from 1 to " + most + " for "
                        + whole.architecture() + ", but is " + blocks.get(stage));
            }
        }
        ImageConfig fewer = whole.shaped(new ImageShape(blocks, Map.of()));
        Map<String, Integer> own = ImageNetworks.channelMap(fewer).sizes();
        channels.forEach((group, count) -> {
            Integer most = own.get(group);
            if (most == null) {
                throw new InputException(where + CHANNELS + "." + group + ": " + whole.architecture()
                        + " has no such group of channels; it has "
                        + String.join(", ", new TreeMap<>(own).keySet()));
            }
            if (count < 1 || count > most) {
                throw new InputException(
                        where + CHANNELS + "." + group + ": must be from 1 to " + most + ", but is " + count);
            }
        });
        return whole.shaped(new ImageShape(blocks, channels));
    }

    /** A network of which nothing but its architecture is known; for its channels alone. */
    public static ImageConfig plain(String architecture, int width) {
        List<Double> half = List.of(0.5, 0.5, 0.5);
        return new ImageConfig(architecture, 3, 224, half, half, width, 1e-5, false);
    }

    /** Adds a network's shape, if it has one of its own. */
    static void write(ImageConfig config, ObjectNode json) {
        ImageShape shape = config.shape();
        if (shape.equals(ImageShape.WHOLE)) {
            return;
        }
        ObjectNode node = json.putObject(KEY);
        if (!shape.blocks().isEmpty()) {
            shape.blocks().forEach(node.putArray(BLOCKS)::add);
            if (ResNet.Plan.of(config.architecture()) != null) {
                shape.blocks().forEach(json.withObjectProperty("model_args").putArray("layers")::add);
            }
        }
        ObjectNode channels = node.putObject(CHANNELS);
        new TreeMap<>(shape.channels()).forEach(channels::put);
    }
}
