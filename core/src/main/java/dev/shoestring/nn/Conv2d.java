package dev.shoestring.nn;

import dev.shoestring.tensor.Autocast;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A two-dimensional convolution, computed channels-last. Parameters: {@code weight} (out, in / groups, kernel, kernel) and perhaps
 * {@code bias} (out).
 *
 * <p>A convolution by single pixels is a matrix product over the channels, and is computed as one; so is that of images of one channel, over the
 * windows, for LibTorch's gradient of its filters takes more than the rest of a small network; one whose filters see one channel each of several is
 * computed in fp32. oneDNN 3.7, which LibTorch 2.10 carries, gives wrong values for both on some processors with AVX-512, Zen 5 among
 * them ({@code ConvolutionParityTest}; docs/experiments.md, 2026-11-24).
 */
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
        if (settings.kernel() == 1 && settings.groups() == 1) {
            return pointwise(x_BCHW);
        }
        if (settings.in() == 1) {
            return ofOneChannel(x_BCHW);
        }
        Tensor input_BCHW = x_BCHW.channelsLast();
        if (settings.in() > settings.groups()) {
            return extended(input_BCHW);
        }
        Tensor y_BCHW;
        try (Autocast exact = Autocast.off()) {
            y_BCHW = extended(input_BCHW.to(DType.FLOAT32));
        }
        return Autocast.cast(y_BCHW);
    }

    private Tensor pointwise(Tensor x_BCHW) {
        Tensor sampled_BCHW = x_BCHW.every(2, settings.stride()).every(3, settings.stride());
        Tensor weight_OI = effectiveWeight().reshape(settings.out(), settings.in());
        Tensor x_BHWC = sampled_BCHW.permute(0, 2, 3, 1);
        Tensor y_BHWO = bias == null ? x_BHWC.linear(weight_OI) : x_BHWC.linear(weight_OI, bias);
        return y_BHWO.permute(0, 3, 1, 2);
    }

    /** Each window's pixels beside each other, times the filters. */
    private Tensor ofOneChannel(Tensor x_B1HW) {
        int kernel = settings.kernel();
        Tensor framed_B1HW = Autocast.cast(framed(x_B1HW));
        long high = (framed_B1HW.size(2) - kernel) / settings.stride() * settings.stride() + 1;
        long wide = (framed_B1HW.size(3) - kernel) / settings.stride() * settings.stride() + 1;
        List<Tensor> windows = new ArrayList<>();
        for (int down = 0; down < kernel; down++) {
            for (int across = 0; across < kernel; across++) {
                windows.add(framed_B1HW
                        .narrow(2, down, high)
                        .every(2, settings.stride())
                        .narrow(3, across, wide)
                        .every(3, settings.stride())
                        .permute(0, 2, 3, 1));
            }
        }
        Tensor weight_OK = effectiveWeight().reshape(settings.out(), (long) kernel * kernel);
        Tensor windows_BHWK = Tensor.cat(windows, 3);
        Tensor y_BHWO = bias == null ? windows_BHWK.linear(weight_OK) : windows_BHWK.linear(weight_OK, bias);
        return y_BHWO.permute(0, 3, 1, 2);
    }

    private Tensor framed(Tensor x_BCHW) {
        int kernel = settings.kernel();
        long down = settings.padding() == Padding.SAME ? missing(x_BCHW.size(2)) : kernel / 2 * 2L;
        long across = settings.padding() == Padding.SAME ? missing(x_BCHW.size(3)) : kernel / 2 * 2L;
        return settings.padding() == Padding.NONE
                ? x_BCHW
                : ImageOperators.pad(x_BCHW, across / 2, across - across / 2, down / 2, down - down / 2);
    }

    private Tensor extended(Tensor x_BCHW) {
        return switch (settings.padding()) {
            case SYMMETRIC -> convolved(x_BCHW, settings.kernel() / 2);
            case NONE -> convolved(x_BCHW, 0);
            case SAME -> same(x_BCHW);
        };
    }

    private Tensor same(Tensor x_BCHW) {
        long down = missing(x_BCHW.size(2));
        long across = missing(x_BCHW.size(3));
        if (down == across && down % 2 == 0) {
            return convolved(x_BCHW, down / 2);
        }
        return convolved(ImageOperators.pad(x_BCHW, across / 2, across - across / 2, down / 2, down - down / 2), 0);
    }

    private Tensor convolved(Tensor x_BCHW, long padding) {
        return ImageOperators.conv2d(x_BCHW, effectiveWeight(), bias, settings.stride(), padding, settings.groups());
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
