package dev.shoestring.nn;

import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A two-dimensional convolution. Parameters: {@code weight} (out, in / groups, kernel, kernel) and perhaps {@code bias} (out). */
public final class Conv2d implements Adaptable {
    /** How an image is extended before a convolution. */
    public enum Padding {
        /** By the same number of zeros on every side: half the kernel. */
        SYMMETRIC,
        /** As TensorFlow's {@code SAME} does: as many zeros as the result's size needs, one more at the right and bottom if odd. */
        SAME,
        /** Not at all. */
        NONE
    }

    /**
     * What a convolution is like.
     *
     * @param in channels of the input
     * @param out channels of the result
     * @param kernel height and width of the window
     * @param stride step of the window
     * @param groups parts that the channels are split into; {@code in} of them is a depthwise convolution
     * @param padding how the image is extended
     * @param bias whether a number is added to each channel
     */
    public record Settings(int in, int out, int kernel, int stride, int groups, Padding padding, boolean bias) {
        /** A plain convolution that keeps the image's size but for its stride, without bias. */
        public static Settings of(int in, int out, int kernel, int stride) {
            return new Settings(in, out, kernel, stride, 1, Padding.SYMMETRIC, false);
        }

        /** One filter for each channel. */
        public static Settings depthwise(int channels, int kernel, int stride, Padding padding) {
            return new Settings(channels, channels, kernel, stride, channels, padding, false);
        }

        /** The same with a bias. */
        public Settings withBias() {
            return new Settings(in, out, kernel, stride, groups, padding, true);
        }

        /** The same with another padding. */
        public Settings padded(Padding other) {
            return new Settings(in, out, kernel, stride, groups, other, bias);
        }
    }

    private final Settings settings;
    private final String name;
    private final Tensor weight;
    private @Nullable LowRankUpdate update;
    private final @Nullable Tensor bias;

    /** Takes its parameters from the store under {@code name}; new weights are Kaiming's for the fan-out (arXiv 1502.01852). */
    public Conv2d(ParameterStore store, String name, Settings settings) {
        this.settings = settings;
        this.name = name;
        int kernel = settings.kernel();
        double fanOut = (double) settings.out() * kernel * kernel / settings.groups();
        weight = store.parameter(
                name + ".weight",
                new Initializer.Normal(Math.sqrt(2 / fanOut)),
                settings.out(),
                settings.in() / settings.groups(),
                kernel,
                kernel);
        bias = settings.bias() ? store.parameter(name + ".bias", new Initializer.Constant(0), settings.out()) : null;
        offer(store);
    }

    private void offer(ParameterStore store) {
        // A depthwise filter has fewer numbers than an update of it would.
        if (settings.groups() == 1) {
            store.offers(this);
        }
    }

    /** Maps (B, in, H, W) to (B, out, H', W'). */
    public Tensor forward(Tensor x_BCHW) {
        Shapes.require("conv2d", x_BCHW, Shapes.ANY, settings.in(), Shapes.ANY, Shapes.ANY);
        return switch (settings.padding()) {
            case SYMMETRIC ->
                ImageOperators.conv2d(
                        x_BCHW, effectiveWeight(), bias, settings.stride(), settings.kernel() / 2, settings.groups());
            case NONE ->
                ImageOperators.conv2d(x_BCHW, effectiveWeight(), bias, settings.stride(), 0, settings.groups());
            case SAME -> same(x_BCHW);
        };
    }

    private Tensor same(Tensor x_BCHW) {
        long down = missing(x_BCHW.size(2));
        long across = missing(x_BCHW.size(3));
        if (down == across && down % 2 == 0) {
            return ImageOperators.conv2d(
                    x_BCHW, effectiveWeight(), bias, settings.stride(), down / 2, settings.groups());
        }
        Tensor padded = ImageOperators.pad(x_BCHW, across / 2, across - across / 2, down / 2, down - down / 2);
        return ImageOperators.conv2d(padded, effectiveWeight(), bias, settings.stride(), 0, settings.groups());
    }

    private long missing(long size) {
        long steps = (size + settings.stride() - 1) / settings.stride();
        return Math.max(0, (steps - 1) * settings.stride() + settings.kernel() - size);
    }

    @Override
    public String weightName() {
        return name + ".weight";
    }

    @Override
    public Tensor weight() {
        return weight;
    }

    @Override
    public void adapt(LowRankUpdate newUpdate) {
        update = newUpdate;
    }

    @Override
    public Tensor effectiveWeight() {
        return update == null ? weight : update.addedTo(weight);
    }
}
