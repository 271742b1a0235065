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
        double width = hundredths / 100.0;
        BatchNorm2d.Settings norm = BatchNorm2d.Settings.DEFAULT.withEps(config.batchNormEps());
        Conv2d.Padding padding = config.samePadding() ? Conv2d.Padding.SAME : Conv2d.Padding.SYMMETRIC;
        int channels = rounded(STEM * width);
        stem = new Conv2d(
                store,
                "conv_stem",
                Conv2d.Settings.of(config.channels(), channels, 3, 2).padded(padding));
        stemNorm = new BatchNorm2d(store, "bn1", channels, norm);
        for (int stage = 0; stage < STAGES.length; stage++) {
            int out = rounded(STAGES[stage][1] * width);
            for (int i = 0; i < STAGES[stage][2]; i++) {
                int stride = i == 0 ? STAGES[stage][3] : 1;
                String name = "blocks." + stage + "." + i;
                blocks.add(new Block(store, name, channels, out, STAGES[stage][0], stride, padding, norm));
                channels = out;
            }
        }
        int features = Math.max(HEAD, rounded(HEAD * width));
        head = new Conv2d(store, "conv_head", Conv2d.Settings.of(channels, features, 1, 1));
        headNorm = new BatchNorm2d(store, "bn2", features, norm);
        classifier = new Linear(store, "classifier", features, numLabels);
    }

    /** To a multiple of 8 that is not a tenth smaller. */
    static int rounded(double channels) {
        int nearest = Math.max(8, (int) (channels + 4) / 8 * 8);
        return nearest < 0.9 * channels ? nearest + 8 : nearest;
    }

    /** Counts the network's layers. */
    static LayerCounter count(int hundredths, LayerCounter counter, int numLabels) {
        double width = hundredths / 100.0;
        counter.conv(rounded(STEM * width), 3, 2, 1).norm(2).endStage();
        for (int[] stage : STAGES) {
            for (int i = 0; i < stage[2]; i++) {
                int middle = counter.channels() * stage[0];
                if (stage[0] > 1) {
                    counter.conv(middle, 1, 1, 1).norm(2);
                }
                counter.conv(middle, 3, i == 0 ? stage[3] : 1, middle).norm(2);
                counter.conv(rounded(stage[1] * width), 1, 1, 1).norm(2);
            }
            counter.endStage();
        }
        int features = Math.max(HEAD, rounded(HEAD * width));
        counter.conv(features, 1, 1, 1).norm(2).endStage();
        return counter.linear(1, features, numLabels, true).endStage();
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
                String name,
                int in,
                int out,
                int expansion,
                int stride,
                Conv2d.Padding padding,
                BatchNorm2d.Settings norm) {
            residual = stride == 1 && in == out;
            int middle = in * expansion;
            boolean expands = expansion > 1;
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
