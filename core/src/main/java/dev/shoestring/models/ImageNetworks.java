package dev.shoestring.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.cost.LayerCounter;
import dev.shoestring.nn.BatchNorm2d;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;

/** Image networks by name, and their {@code config.json} in timm's form. */
public final class ImageNetworks {
    private static final double PYTORCH_EPS = 1e-5;
    private static final int SMALLEST_SIZE = 8;
    private static final int LARGEST_SIZE = 4096;
    private static final int LARGEST_WIDTH = 1024;

    private ImageNetworks() {}

    /**
     * Builds a network whose parameters come from the store.
     *
     * @throws InputException if there is no network of that name
     */
    public static ImageNetwork of(ImageConfig config, int numLabels, ParameterStore store) {
        String name = config.architecture();
        ResNet.Plan plan = ResNet.Plan.of(name);
        if (plan != null) {
            return new ResNet(config, plan, numLabels, store);
        }
        Integer hundredths = MobileNetV2.widthOf(name);
        if (hundredths != null) {
            return new MobileNetV2(config, hundredths, numLabels, store);
        }
        VisionTransformer.Plan transformer = VisionTransformer.Plan.of(name);
        if (transformer != null) {
            return new VisionTransformer(config, transformer, numLabels, store);
        }
        return switch (name) {
            case SlimNet.NAME -> new SlimNet(config, numLabels, store);
            case PixelNetwork.NAME -> new PixelNetwork(config, numLabels, store);
            default -> throw unknown(name);
        };
    }

    /** Counts a network's layers for images of some size; touches no native code. */
    public static LayerCounter count(ImageConfig config, int size, int numLabels) {
        LayerCounter counter = new LayerCounter(config.channels(), size);
        String name = config.architecture();
        ResNet.Plan plan = ResNet.Plan.of(name);
        if (plan != null) {
            return ResNet.count(plan, config.shape(), counter, numLabels);
        }
        Integer hundredths = MobileNetV2.widthOf(name);
        if (hundredths != null) {
            return MobileNetV2.count(hundredths, config.shape(), counter, numLabels);
        }
        VisionTransformer.Plan transformer = VisionTransformer.Plan.of(name);
        if (transformer != null) {
            return VisionTransformer.count(transformer, counter, numLabels);
        }
        return switch (name) {
            case SlimNet.NAME -> SlimNet.count(config, counter, numLabels);
            case PixelNetwork.NAME -> PixelNetwork.count(config, counter, numLabels);
            default -> throw unknown(name);
        };
    }

    /**
     * Which channels of a network belong together; touches no native code.
     *
     * @throws InputException if it is none of the convolutional networks that can be cut
     */
    public static ChannelMap channelMap(ImageConfig config) {
        String name = config.architecture();
        ResNet.Plan plan = ResNet.Plan.of(name);
        if (plan != null) {
            return ResNet.channelMap(plan, config.shape());
        }
        Integer hundredths = MobileNetV2.widthOf(name);
        if (hundredths != null) {
            return MobileNetV2.channelMap(hundredths, config.shape());
        }
        if (name.equals(SlimNet.NAME)) {
            return SlimNet.channelMap(config);
        }
        throw new InputException("the architecture \"" + name
                + "\" has no channels that can be cut out; this version cuts slimnet, resnet and mobilenetv2");
    }

    /** The share by which the running statistics of a network's batch normalizations move to a batch's. */
    public static double normMomentum(ImageConfig config) {
        return config.architecture().equals(SlimNet.NAME)
                ? SlimNet.NORM.momentum()
                : BatchNorm2d.Settings.DEFAULT.momentum();
    }

    /** Whether a network's parameters fit images of any size. */
    public static boolean resizable(ImageConfig config) {
        return VisionTransformer.Plan.of(config.architecture()) == null;
    }

    /** The smallest images that a network can see, pixels. */
    public static int smallest(String architecture) {
        if (architecture.equals(SlimNet.NAME)) {
            return SlimNet.SMALLEST;
        }
        return VisionTransformer.Plan.of(architecture) == null ? SMALLEST_SIZE : VisionTransformer.PATCH;
    }

    private static InputException unknown(String name) {
        return new InputException(
                "model: the architecture \"" + name + "\" is not one of slimnet, pixels, resnet18, "
                        + "resnet34, resnet50, resnet20, resnet32, resnet44, resnet56, mobilenetv2_NNN, vit_tiny_patch16_224, vit_small_patch16_224");
    }

    /**
     * The configuration that a {@code config.json} describes.
     *
     * @throws InputException that names what is missing or impossible
     */
    public static ImageConfig read(JsonNode json, String source) {
        String architecture = json.path("architecture").asText();
        if (architecture.isEmpty()) {
            throw new InputException(
                    source + ": config.json: has no architecture; an image model's names one as timm does, "
                            + "for example \"resnet18\"");
        }
        JsonNode pretrained = json.path("pretrained_cfg");
        JsonNode arguments = json.path("model_args");
        JsonNode size = pretrained.path("input_size");
        int channels = bounded(size.path(0), 3, 1, 3, source, "input_size[0]");
        int width = bounded(arguments.path("width"), 0, 0, LARGEST_WIDTH, source, "model_args.width");
        if (channels == 2) {
            throw new InputException(source + ": config.json: images have 1 or 3 channels, not 2");
        }
        if (architecture.equals(SlimNet.NAME) && width < 1) {
            throw new InputException(source + ": config.json: model_args.width is missing");
        }
        double eps = arguments.path("bn_eps").asDouble(PYTORCH_EPS);
        if (!(eps > 0 && eps < 1)) {
            throw new InputException(
                    source + ": config.json: model_args.bn_eps must be between 0 and 1, but is " + eps);
        }
        ImageConfig whole = new ImageConfig(
                architecture,
                channels,
                bounded(size.path(1), 224, smallest(architecture), LARGEST_SIZE, source, "input_size[1]"),
                numbers(pretrained.path("mean"), channels, 0.5, false, source),
                numbers(pretrained.path("std"), channels, 0.5, true, source),
                width,
                eps,
                arguments.path("pad_type").asText().equals("same"));
        return ImageShapes.read(json, whole, source);
    }

    private static int bounded(JsonNode value, int otherwise, int low, int high, String source, String key) {
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isInt() || value.intValue() < low || value.intValue() > high) {
            throw new InputException(source + ": config.json: " + key + " must be a whole number from " + low + " to "
                    + high + ", but is " + value);
        }
        return value.intValue();
    }

    private static List<Double> numbers(
            JsonNode list, int channels, double otherwise, boolean positive, String source) {
        List<Double> numbers = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            double number = list.path(c).asDouble(otherwise);
            if (!Double.isFinite(number) || Math.abs(number) > 1e6 || (positive && number < 1e-6)) {
                throw new InputException(
                        source + ": config.json: pretrained_cfg.mean and std must be numbers, std above 0, "
                                + "but one is " + number);
            }
            numbers.add(number);
        }
        return numbers;
    }

    /** The {@code config.json} of a trained classifier, as timm reads it. */
    public static ObjectNode write(ImageConfig config, List<String> labels, int features) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ObjectNode node = json.objectNode();
        node.put("architecture", config.architecture());
        node.put("num_classes", labels.size()).put("num_features", features);
        node.put("global_pool", config.architecture().equals(SlimNet.NAME) ? "max" : "avg");
        ObjectNode arguments = node.putObject("model_args");
        if (config.batchNormEps() != PYTORCH_EPS) {
            arguments.put("bn_eps", config.batchNormEps());
        }
        if (config.samePadding()) {
            arguments.put("pad_type", "same");
        }
        if (config.width() > 0) {
            arguments.put("width", config.width());
        }
        if (config.channels() != 3) {
            arguments.put("in_chans", config.channels());
        }
        ImageShapes.write(config, node);
        ObjectNode pretrained = node.putObject("pretrained_cfg");
        pretrained
                .putArray("input_size")
                .add(config.channels())
                .add(config.size())
                .add(config.size());
        pretrained.put("num_classes", labels.size());
        config.mean().forEach(pretrained.putArray("mean")::add);
        config.standardDeviation().forEach(pretrained.putArray("std")::add);
        pretrained.put("interpolation", "bilinear");
        labels.forEach(node.putArray("label_names")::add);
        ObjectNode names = node.putObject("id2label");
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
        }
        return node;
    }
}
