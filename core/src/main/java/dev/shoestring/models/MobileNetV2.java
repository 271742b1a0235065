package dev.shoestring.models;

import dev.shoestring.cost.LayerCounter;
import dev.shoestring.nn.BatchNorm2d;
import dev.shoestring.nn.Conv2d;
import dev.shoestring.nn.Linear;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * MobileNetV2 (arXiv 1801.04381, table 2) at any width, under timm's parameter names. Channels are rounded to multiples of 8, never
 * more than a tenth below; the last convolution keeps its 1,280 channels at widths below 1. Padding and epsilon are PyTorch's or
 * TensorFlow's, as the configuration says.
 */
public final class MobileNetV2 implements ImageNetwork {
    // B batch, C channels, H height, W width, F features
    private static final Pattern NAME = Pattern.compile("mobilenetv2_(\\d{3})");
    /** Expansion, channels, blocks and first stride of each stage. */
    private static final int[][] STAGES = {
        {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
    };

    private static final int STEM = 32;
    private static final int HEAD = 1280;
    private static final String STEM_NAME = "conv_stem";
    private static final String HEAD_NAME = "conv_head";
    private static final double RELU6 = 6;

    private final Conv2d stem;
    private final BatchNorm2d stemNorm;
    private final List<Block> blocks = new ArrayList<>();
    private final Conv2d head;
    private final BatchNorm2d headNorm;
    private final Linear classifier;

    /** The width of an architecture such as {@code mobilenetv2_035}, in hundredths; null if it is no MobileNetV2. */
    public static @Nullable Integer widthOf(String architecture) {
        Matcher name = NAME.matcher(architecture);
        return name.matches() && Integer.parseInt(name.group(1)) >= 10 ? Integer.valueOf(name.group(1)) : null;
    }

    /** Takes its parameters from the store; {@code hundredths} of the paper's width. */
    public MobileNetV2(ImageConfig config, int hundredths, int numLabels, ParameterStore store) {
        Sizes sizes = new Sizes(hundredths / 100.0, config.shape());
        BatchNorm2d.Settings norm = BatchNorm2d.Settings.DEFAULT.withEps(config.batchNormEps());
        Conv2d.Padding padding = config.samePadding() ? Conv2d.Padding.SAME : Conv2d.Padding.SYMMETRIC;
        stem = new Conv2d(
                store,
                STEM_NAME,
                Conv2d.Settings.of(config.channels(), sizes.in(0, 0), 3, 2).padded(padding));
        stemNorm = new BatchNorm2d(store, "bn1", sizes.in(0, 0), norm);
        for (int stage = 0; stage < STAGES.length; stage++) {
            for (int i = 0; i < sizes.blocks(stage); i++) {
                blocks.add(new Block(store, sizes, stage, i, padding, norm));
            }
        }
        head = new Conv2d(store, HEAD_NAME, Conv2d.Settings.of(sizes.out(STAGES.length - 1), sizes.features(), 1, 1));
        headNorm = new BatchNorm2d(store, "bn2", sizes.features(), norm);
        classifier = new Linear(store, "classifier", sizes.features(), numLabels);
    }

    /** The sizes of a network of some width from which parts may have been cut. */
    private record Sizes(double width, ImageShape shape) {
        private int own(int stage) {
            return rounded(STAGES[stage][1] * width);
        }

        private int ownStem() {
            return rounded(STEM * width);
        }

        /** Whether a block's result is added to what it is given: a matter of the architecture, not of the channels that are left. */
        boolean residual(int stage, int block) {
            return stride(stage, block) == 1 && (block > 0 || own(stage) == (stage == 0 ? ownStem() : own(stage - 1)));
        }

        int stride(int stage, int block) {
            return block == 0 ? STAGES[stage][3] : 1;
        }

        int blocks(int stage) {
            return shape.blocks(stage, STAGES[stage][2]);
        }

        /** The group of channels that leave a stage, or for −1 the stem. */
        String stream(int stage) {
            if (stage < 0) {
                return STEM_NAME;
            }
            return residual(stage, 0) ? stream(stage - 1) : "blocks." + stage;
        }

        int out(int stage) {
            return shape.channels(stream(stage), stage < 0 ? ownStem() : own(stage));
        }

        int in(int stage, int block) {
            return block == 0 ? out(stage - 1) : out(stage);
        }

        boolean expands(int stage) {
            return STAGES[stage][0] > 1;
        }

        /** The group of channels between a block's convolutions. */
        String middleGroup(int stage, int block) {
            return expands(stage)
                    ? "blocks." + stage + "." + block + ".conv_pw"
                    : stream(block == 0 ? stage - 1 : stage);
        }

        int middle(int stage, int block) {
            int own = STAGES[stage][0] * (block > 0 ? own(stage) : stage == 0 ? ownStem() : own(stage - 1));
            return expands(stage) ? shape.channels(middleGroup(stage, block), own) : in(stage, block);
        }

        int features() {
            return shape.channels(HEAD_NAME, Math.max(HEAD, rounded(HEAD * width)));
        }
    }

    /** To a multiple of 8 that is not a tenth smaller. */
    static int rounded(double channels) {
        int nearest = Math.max(8, (int) (channels + 4) / 8 * 8);
        return nearest < 0.9 * channels ? nearest + 8 : nearest;
    }

    /** Counts the network's layers. */
    static LayerCounter count(int hundredths, ImageShape shape, LayerCounter counter, int numLabels) {
        Sizes sizes = new Sizes(hundredths / 100.0, shape);
        counter.conv(sizes.in(0, 0), 3, 2, 1).norm(2).endStage();
        for (int stage = 0; stage < STAGES.length; stage++) {
            for (int i = 0; i < sizes.blocks(stage); i++) {
                int middle = sizes.middle(stage, i);
                if (sizes.expands(stage)) {
                    counter.conv(middle, 1, 1, 1).norm(2);
                }
                counter.conv(middle, 3, sizes.stride(stage, i), middle).norm(2);
                counter.conv(sizes.out(stage), 1, 1, 1).norm(2);
            }
            counter.endStage();
        }
        counter.conv(sizes.features(), 1, 1, 1).norm(2).endStage();
        return counter.linear(1, sizes.features(), numLabels, true).endStage();
    }

    /** Which channels belong together: what the blocks of a stage add up, and what each block has on both sides of its depthwise convolution. */
    static ChannelMap channelMap(int hundredths, ImageShape shape) {
        Sizes sizes = new Sizes(hundredths / 100.0, shape);
        ChannelMap map = new ChannelMap();
        String stream = map.group(STEM_NAME, sizes.in(0, 0));
        map.normalized(STEM_NAME, "bn1", null, stream);
        for (int stage = 0; stage < STAGES.length; stage++) {
            String out = map.group(sizes.stream(stage), sizes.out(stage));
            List<ChannelMap.Block> found = new ArrayList<>();
            for (int i = 0; i < sizes.blocks(stage); i++) {
                String block = "blocks." + stage + "." + i;
                boolean expands = sizes.expands(stage);
                String in = i == 0 ? stream : out;
                String middle = expands ? map.group(sizes.middleGroup(stage, i), sizes.middle(stage, i)) : in;
                if (expands) {
                    map.normalized(block + ".conv_pw", block + ".bn1", in, middle);
                }
                map.normalized(block + ".conv_dw", block + (expands ? ".bn2" : ".bn1"), null, middle);
                String end = block + (expands ? ".bn3" : ".bn2");
                map.normalized(block + (expands ? ".conv_pwl" : ".conv_pw"), end, middle, out);
                found.add(new ChannelMap.Block(i > 0 && sizes.residual(stage, i) ? end : null));
            }
            map.stage("blocks." + stage + ".", found);
            stream = out;
        }
        String features = map.group(HEAD_NAME, sizes.features());
        return map.normalized(HEAD_NAME, "bn2", stream, features).layer("classifier", features, null);
    }

    @Override
    public Tensor features(Tensor x_BCHW, Mode mode) {
        Tensor h_BCHW = TensorScope.keep(
                () -> stemNorm.forward(stem.forward(x_BCHW), mode).clamp(0, RELU6));
        for (Block block : blocks) {
            Tensor in_BCHW = h_BCHW;
            h_BCHW = TensorScope.keep(() -> block.forward(in_BCHW, mode));
        }
        Tensor last_BCHW = h_BCHW;
        return TensorScope.keep(() ->
                headNorm.forward(head.forward(last_BCHW), mode).clamp(0, RELU6).mean(2, 3));
    }

    @Override
    public Tensor classify(Tensor x_BF) {
        return classifier.forward(x_BF);
    }

    @Override
    public List<List<String>> stages() {
        List<List<String>> stages = new ArrayList<>();
        stages.add(List.of("conv_stem.", "bn1."));
        for (int i = 0; i < STAGES.length; i++) {
            stages.add(List.of("blocks." + i + "."));
        }
        stages.add(List.of("conv_head.", "bn2."));
        stages.add(List.of("classifier."));
        return stages;
    }

    /** The inverted residual with a linear bottleneck (figure 4d); without expansion, the depthwise-separable convolution alone. */
    private static final class Block {
        private final @Nullable Conv2d expand;
        private final @Nullable BatchNorm2d expandNorm;
        private final Conv2d depthwise;
        private final BatchNorm2d depthwiseNorm;
        private final Conv2d project;
        private final BatchNorm2d projectNorm;
        private final boolean residual;

        Block(
                ParameterStore store,
                Sizes sizes,
                int stage,
                int place,
                Conv2d.Padding padding,
                BatchNorm2d.Settings norm) {
            String name = "blocks." + stage + "." + place;
            int stride = sizes.stride(stage, place);
            int in = sizes.in(stage, place);
            int out = sizes.out(stage);
            int middle = sizes.middle(stage, place);
            boolean expands = sizes.expands(stage);
            residual = sizes.residual(stage, place);
            expand = expands ? new Conv2d(store, name + ".conv_pw", Conv2d.Settings.of(in, middle, 1, 1)) : null;
            expandNorm = expands ? new BatchNorm2d(store, name + ".bn1", middle, norm) : null;
            depthwise = new Conv2d(store, name + ".conv_dw", Conv2d.Settings.depthwise(middle, 3, stride, padding));
            depthwiseNorm = new BatchNorm2d(store, name + (expands ? ".bn2" : ".bn1"), middle, norm);
            String last = expands ? ".conv_pwl" : ".conv_pw";
            project = new Conv2d(store, name + last, Conv2d.Settings.of(middle, out, 1, 1));
            projectNorm = new BatchNorm2d(store, name + (expands ? ".bn3" : ".bn2"), out, norm);
        }

        Tensor forward(Tensor x_BCHW, Mode mode) {
            Tensor h_BCHW = expand == null || expandNorm == null
                    ? x_BCHW
                    : expandNorm.forward(expand.forward(x_BCHW), mode).clamp(0, RELU6);
            h_BCHW = depthwiseNorm.forward(depthwise.forward(h_BCHW), mode).clamp(0, RELU6);
            h_BCHW = projectNorm.forward(project.forward(h_BCHW), mode);
            return residual ? h_BCHW.add(x_BCHW) : h_BCHW;
        }
    }
}
