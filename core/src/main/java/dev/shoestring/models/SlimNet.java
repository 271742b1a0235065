package dev.shoestring.models;

import dev.shoestring.cost.LayerCounter;
import dev.shoestring.nn.BatchNorm2d;
import dev.shoestring.nn.Conv2d;
import dev.shoestring.nn.Initializer;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.Autocast;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A slim network for images of 28 to 64 pixels, after airbench (arXiv 2404.00498): a first layer that whitens patches of the training
 * images and stays as it is, three blocks of two 3 × 3 convolutions with batch normalization without factors and GELU, each block
 * pooling after its first convolution, and a linear layer on the largest value of each channel. Departures: 3 × 3 patches for one
 * channel, where 2 × 2 have too few directions, of which the strongest eight are kept; the first layer has no bias, for its gradient would cost a
 * fifth of a step; widths double from block to block; the logits' scale is learned by the weights.
 */
public final class SlimNet implements ImageNetwork {
    // B batch, C channels, H height, W width, F features, K patch elements
    /** The architecture's name. */
    public static final String NAME = "slimnet";

    /** The smallest images that three poolings leave anything of, pixels. */
    public static final int SMALLEST = 12;

    private static final int BLOCKS = 3;
    private static final int KEPT = 8;
    private static final double WHITENING_EPS = 5e-4;
    private static final double LOGIT_SCALE = 1 / 9.0;
    /** Batch normalization without factors. */
    static final BatchNorm2d.Settings NORM = new BatchNorm2d.Settings(1e-12, 0.4, false);

    private final Tensor whiten;
    private final List<Block> blocks = new ArrayList<>();
    private final Tensor head_OF;

    /** Takes its parameters from the store; {@code config.width} channels in the first block. */
    public SlimNet(ImageConfig config, int numLabels, ParameterStore store) {
        int kernel = kernel(config.channels());
        int filters = filters(config.channels());
        whiten = store.buffer("whiten.weight", new Initializer.Normal(0.1), filters, config.channels(), kernel, kernel);
        int in = filters;
        for (int i = 0; i < BLOCKS; i++) {
            int middle = channels(config, i, 1);
            int out = channels(config, i, 2);
            blocks.add(new Block(store, "blocks." + i, in, middle, out));
            in = out;
        }
        head_OF = store.parameter("head.weight", new Initializer.Normal(1 / Math.sqrt(in)), numLabels, in);
    }

    /** Counts the network's layers. */
    static LayerCounter count(ImageConfig config, LayerCounter counter, int numLabels) {
        int kernel = kernel(config.channels());
        counter.valid(filters(config.channels()), kernel, 1, 1, 0);
        // Frozen: its filters are no parameters, and no gradient of it is computed.
        counter.parameters(-(long) filters(config.channels()) * config.channels() * kernel * kernel)
                .endStage();
        for (int block = 0; block < BLOCKS; block++) {
            counter.conv(channels(config, block, 1), 3, 1, 1)
                    .pool(2)
                    .norm(1)
                    .conv(channels(config, block, 2), 3, 1, 1)
                    .norm(1)
                    .endStage();
        }
        return counter.linear(1, counter.channels(), numLabels, false).endStage();
    }

    static int kernel(int channels) {
        return channels == 1 ? 3 : 2;
    }

    /** Each direction of a patch that is kept, and its opposite. */
    static int filters(int channels) {
        return 2 * Math.min(channels == 1 ? KEPT : Integer.MAX_VALUE, channels * kernel(channels) * kernel(channels));
    }

    private static int width(ImageConfig config, int block) {
        return config.width() << block;
    }

    /** Channels that a block's first or second convolution writes. */
    private static int channels(ImageConfig config, int block, int convolution) {
        return config.shape().channels("blocks." + block + ".conv" + convolution, width(config, block));
    }

    /** Which channels belong together; those of the first layer are pairs of directions and stay. */
    static ChannelMap channelMap(ImageConfig config) {
        ChannelMap map = new ChannelMap().layer("whiten", null, null);
        @Nullable String in = null;
        for (int block = 0; block < BLOCKS; block++) {
            for (int i = 1; i <= 2; i++) {
                String name = "blocks." + block + ".conv" + i;
                String out = map.group(name, channels(config, block, i));
                map.normalized(name, "blocks." + block + ".norm" + i, in, out);
                in = out;
            }
        }
        return map.layer("head", in, null);
    }

    /**
     * Sets the first layer to the directions in which patches of these images vary, scaled to the same variance.
     *
     * @param images_BCHW normalized training images; a few thousand do
     */
    public void whitenBy(Tensor images_BCHW) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            int channels = (int) images_BCHW.size(1);
            int kernel = kernel(channels);
            int elements = channels * kernel * kernel;
            Tensor patches_NK = patches(images_BCHW, kernel, elements);
            Tensor covariance_KK = patches_NK.transpose(0, 1).matmul(patches_NK).mul(1 / (double) patches_NK.size(0));
            Tensor[] eigen = ImageOperators.symmetricEigen(covariance_KK);
            Tensor scale_K =
                    eigen[0].clamp(0, Float.MAX_VALUE).add(WHITENING_EPS).sqrt();
            Tensor filters_KK = eigen[1].div(scale_K).transpose(0, 1).contiguous();
            // Eigenvalues ascend: the strongest directions are the last.
            int kept = filters(channels) / 2;
            Tensor half = filters_KK.narrow(0, elements - kept, kept).view(kept, channels, kernel, kernel);
            whiten.copyFrom(Tensor.cat(List.of(half, half.mul(-1)), 0));
        }
    }

    private static Tensor patches(Tensor images_BCHW, int kernel, int elements) {
        long height = images_BCHW.size(2) - kernel + 1;
        long width = images_BCHW.size(3) - kernel + 1;
        List<Tensor> shifted = new ArrayList<>();
        for (int c = 0; c < images_BCHW.size(1); c++) {
            for (int dy = 0; dy < kernel; dy++) {
                for (int dx = 0; dx < kernel; dx++) {
                    shifted.add(images_BCHW
                            .narrow(1, c, 1)
                            .narrow(2, dy, height)
                            .narrow(3, dx, width)
                            .reshape(-1, 1));
                }
            }
        }
        return Tensor.cat(shifted, 1).view(-1, elements);
    }

    @Override
    public Tensor features(Tensor x_BCHW, Mode mode) {
        Tensor h_BCHW = TensorScope.keep(() -> whitened(x_BCHW).gelu());
        for (Block block : blocks) {
            Tensor in_BCHW = h_BCHW;
            h_BCHW = TensorScope.keep(() -> block.forward(in_BCHW, mode));
        }
        return h_BCHW.amax(2, 3);
    }

    private Tensor whitened(Tensor x_BCHW) {
        if (x_BCHW.size(1) > 1) {
            return ImageOperators.conv2d(x_BCHW, whiten, null, 1, 0, 1);
        }
        // As in Conv2d: in bf16, filters of one channel are wrong on some processors.
        Tensor y_BCHW;
        try (Autocast exact = Autocast.off()) {
            y_BCHW = ImageOperators.conv2d(x_BCHW, whiten, null, 1, 0, 1);
        }
        return Autocast.cast(y_BCHW);
    }

    @Override
    public Tensor classify(Tensor x_BF) {
        return x_BF.linear(head_OF).mul(LOGIT_SCALE);
    }

    @Override
    public List<List<String>> stages() {
        return List.of(
                List.of("whiten."), List.of("blocks.0."), List.of("blocks.1."), List.of("blocks.2."), List.of("head."));
    }

    private static final class Block {
        private final Conv2d conv1;
        private final BatchNorm2d norm1;
        private final Conv2d conv2;
        private final BatchNorm2d norm2;

        Block(ParameterStore store, String name, int in, int middle, int out) {
            conv1 = new Conv2d(store, name + ".conv1", Conv2d.Settings.of(in, middle, 3, 1));
            norm1 = new BatchNorm2d(store, name + ".norm1", middle, NORM);
            conv2 = new Conv2d(store, name + ".conv2", Conv2d.Settings.of(middle, out, 3, 1));
            norm2 = new BatchNorm2d(store, name + ".norm2", out, NORM);
        }

        Tensor forward(Tensor x_BCHW, Mode mode) {
            Tensor pooled_BCHW = ImageOperators.maxPool(conv1.forward(x_BCHW), 2, 2, 0);
            Tensor h_BCHW = norm1.forward(pooled_BCHW, mode).gelu();
            return norm2.forward(conv2.forward(h_BCHW), mode).gelu();
        }
    }
}
