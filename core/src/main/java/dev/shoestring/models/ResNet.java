package dev.shoestring.models;

import dev.shoestring.cost.LayerCounter;
import dev.shoestring.nn.BatchNorm2d;
import dev.shoestring.nn.Conv2d;
import dev.shoestring.nn.Linear;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Residual networks (arXiv 1512.03385) under torchvision's and timm's parameter names: ResNet-18, -34 and -50 with the stride in the
 * 3 × 3 convolution of a bottleneck, as torchvision has it; and the networks of section 4.2 for small images, ResNet-20, -32, -44
 * and -56, with three stages of 16, 32 and 64 channels and projecting shortcuts.
 */
public final class ResNet implements ImageNetwork {
    // B batch, C channels, H height, W width, F features
    private final Conv2d conv1;
    private final BatchNorm2d bn1;
    private final List<List<Block>> layers = new ArrayList<>();
    private final Linear fc;
    private final Plan plan;

    /**
     * What a residual network is made of.
     *
     * @param blocks residual blocks in each stage
     * @param widths channels inside the blocks of each stage
     * @param bottleneck whether a block is 1 × 1, 3 × 3, 1 × 1 with four times the channels at its end
     * @param smallImages whether it begins by a 3 × 3 convolution alone, not by 7 × 7 and pooling with a stride of 4 together
     */
    public record Plan(List<Integer> blocks, List<Integer> widths, boolean bottleneck, boolean smallImages) {
        private static final int EXPANSION = 4;
        private static final String STEM = "conv1";

        /** Copies the lists. */
        public Plan {
            blocks = List.copyOf(blocks);
            widths = List.copyOf(widths);
        }

        /** The plan of an architecture; null if it is no residual network. */
        public static @Nullable Plan of(String architecture) {
            return switch (architecture) {
                case "resnet18" -> imageNet(List.of(2, 2, 2, 2), false);
                case "resnet34" -> imageNet(List.of(3, 4, 6, 3), false);
                case "resnet50" -> imageNet(List.of(3, 4, 6, 3), true);
                case "resnet20" -> small(3);
                case "resnet32" -> small(5);
                case "resnet44" -> small(7);
                case "resnet56" -> small(9);
                default -> null;
            };
        }

        private static Plan imageNet(List<Integer> blocks, boolean bottleneck) {
            return new Plan(blocks, List.of(64, 128, 256, 512), bottleneck, false);
        }

        private static Plan small(int blocks) {
            return new Plan(List.of(blocks, blocks, blocks), List.of(16, 32, 64), false, true);
        }

        /** The group of channels that leave a stage; the first stage of basic blocks adds to what the stem writes. */
        private String stream(int stage) {
            return projects(stage, 0) ? "layer" + (stage + 1) : STEM;
        }

        /** Channels that enter a stage. */
        private int in(ImageShape shape, int stage) {
            return stage == 0 ? shape.channels(STEM, widths.get(0)) : out(shape, stage - 1);
        }

        /** Channels that leave a stage. */
        private int out(ImageShape shape, int stage) {
            return shape.channels(stream(stage), widths.get(stage) * (bottleneck ? EXPANSION : 1));
        }

        /** Channels that a convolution inside a block writes, counted from 1. */
        private int inner(ImageShape shape, int stage, int block, int convolution) {
            return shape.channels("layer" + (stage + 1) + "." + block + ".conv" + convolution, widths.get(stage));
        }

        private int blocks(ImageShape shape, int stage) {
            return shape.blocks(stage, blocks.get(stage));
        }

        /** Whether what a block is given goes through a convolution before it is added to its result. */
        private boolean projects(int stage, int block) {
            return block == 0 && (stage > 0 || bottleneck);
        }

        private int convolutions() {
            return bottleneck ? 3 : 2;
        }
    }

    /** Takes its parameters from the store. */
    public ResNet(ImageConfig config, Plan plan, int numLabels, ParameterStore store) {
        this.plan = plan;
        BatchNorm2d.Settings norm = BatchNorm2d.Settings.DEFAULT.withEps(config.batchNormEps());
        ImageShape shape = config.shape();
        int first = plan.in(shape, 0);
        conv1 = new Conv2d(
                store,
                "conv1",
                plan.smallImages()
                        ? Conv2d.Settings.of(config.channels(), first, 3, 1)
                        : Conv2d.Settings.of(config.channels(), first, 7, 2));
        bn1 = new BatchNorm2d(store, "bn1", first, norm);
        int stages = plan.blocks().size();
        for (int stage = 0; stage < stages; stage++) {
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < plan.blocks(shape, stage); i++) {
                blocks.add(new Block(store, plan, shape, stage, i, norm));
            }
            layers.add(blocks);
        }
        fc = new Linear(store, "fc", plan.out(shape, stages - 1), numLabels);
    }

    /** Counts the network's layers. */
    static LayerCounter count(Plan plan, ImageShape shape, LayerCounter counter, int numLabels) {
        int first = plan.in(shape, 0);
        if (plan.smallImages()) {
            counter.conv(first, 3, 1, 1).norm(2);
        } else {
            counter.conv(first, 7, 2, 1).norm(2).valid(first, 3, 2, first, 1);
            // A pooling with the geometry of a convolution, without its cost.
            counter.products(-(double) counter.size() * counter.size() * 9 * first)
                    .parameters(-9L * first);
        }
        counter.endStage();
        for (int stage = 0; stage < plan.blocks().size(); stage++) {
            int out = plan.out(shape, stage);
            for (int i = 0; i < plan.blocks(shape, stage); i++) {
                int in = counter.channels();
                int stride = i == 0 && stage > 0 ? 2 : 1;
                int inner = plan.inner(shape, stage, i, 1);
                if (plan.bottleneck()) {
                    counter.conv(inner, 1, 1, 1)
                            .norm(2)
                            .conv(plan.inner(shape, stage, i, 2), 3, stride, 1)
                            .norm(2);
                    counter.conv(out, 1, 1, 1).norm(2);
                } else {
                    counter.conv(inner, 3, stride, 1).norm(2).conv(out, 3, 1, 1).norm(2);
                }
                if (plan.projects(stage, i)) {
                    counter.shortcut(in).norm(2);
                }
            }
            counter.endStage();
        }
        return counter.linear(1, counter.channels(), numLabels, true).endStage();
    }

    /** Which channels belong together: what the blocks of a stage add up, and what each block has between its convolutions. */
    static ChannelMap channelMap(Plan plan, ImageShape shape) {
        ChannelMap map = new ChannelMap();
        String stream = map.group(Plan.STEM, plan.in(shape, 0));
        map.normalized("conv1", "bn1", null, stream);
        for (int stage = 0; stage < plan.blocks().size(); stage++) {
            String prefix = "layer" + (stage + 1) + ".";
            String out = map.group(plan.stream(stage), plan.out(shape, stage));
            List<ChannelMap.Block> blocks = new ArrayList<>();
            for (int i = 0; i < plan.blocks(shape, stage); i++) {
                String block = prefix + i;
                String in = i == 0 ? stream : out;
                String reads = in;
                int last = plan.convolutions();
                for (int c = 1; c < last; c++) {
                    String inner = map.group(block + ".conv" + c, plan.inner(shape, stage, i, c));
                    map.normalized(block + ".conv" + c, block + ".bn" + c, reads, inner);
                    reads = inner;
                }
                map.normalized(block + ".conv" + last, block + ".bn" + last, reads, out);
                boolean projects = plan.projects(stage, i);
                if (projects) {
                    map.normalized(block + ".downsample.0", block + ".downsample.1", in, out);
                }
                blocks.add(new ChannelMap.Block(projects ? null : block + ".bn" + last));
            }
            map.stage(prefix, blocks);
            stream = out;
        }
        return map.layer("fc", stream, null);
    }

    @Override
    public Tensor features(Tensor x_BCHW, Mode mode) {
        Tensor h_BCHW =
                TensorScope.keep(() -> bn1.forward(conv1.forward(x_BCHW), mode).relu());
        if (!plan.smallImages()) {
            h_BCHW = ImageOperators.maxPool(h_BCHW, 3, 2, 1);
        }
        for (List<Block> stage : layers) {
            for (Block block : stage) {
                Tensor in_BCHW = h_BCHW;
                h_BCHW = TensorScope.keep(() -> block.forward(in_BCHW, mode));
            }
        }
        return h_BCHW.mean(2, 3);
    }

    @Override
    public Tensor classify(Tensor x_BF) {
        return fc.forward(x_BF);
    }

    @Override
    public List<List<String>> stages() {
        List<List<String>> stages = new ArrayList<>();
        stages.add(List.of("conv1.", "bn1."));
        for (int i = 1; i <= layers.size(); i++) {
            stages.add(List.of("layer" + i + "."));
        }
        stages.add(List.of("fc."));
        return stages;
    }

    /** The basic block (figure 5, left) or the bottleneck (right), which begins by a 1 × 1 convolution. */
    private static final class Block {
        private final List<Conv2d> convolutions = new ArrayList<>();
        private final List<BatchNorm2d> norms = new ArrayList<>();
        private final @Nullable Conv2d shortcut;
        private final @Nullable BatchNorm2d shortcutNorm;

        Block(ParameterStore store, Plan plan, ImageShape shape, int stage, int place, BatchNorm2d.Settings norm) {
            String name = "layer" + (stage + 1) + "." + place;
            int in = place == 0 ? plan.in(shape, stage) : plan.out(shape, stage);
            int out = plan.out(shape, stage);
            int stride = place == 0 && stage > 0 ? 2 : 1;
            int first = plan.inner(shape, stage, place, 1);
            int second = plan.inner(shape, stage, place, 2);
            List<Conv2d.Settings> all = plan.bottleneck()
                    ? List.of(
                            Conv2d.Settings.of(in, first, 1, 1),
                            Conv2d.Settings.of(first, second, 3, stride),
                            Conv2d.Settings.of(second, out, 1, 1))
                    : List.of(Conv2d.Settings.of(in, first, 3, stride), Conv2d.Settings.of(first, out, 3, 1));
            for (int i = 0; i < all.size(); i++) {
                convolutions.add(new Conv2d(store, name + ".conv" + (i + 1), all.get(i)));
                norms.add(new BatchNorm2d(
                        store, name + ".bn" + (i + 1), all.get(i).out(), norm));
            }
            boolean projects = plan.projects(stage, place);
            shortcut =
                    projects ? new Conv2d(store, name + ".downsample.0", Conv2d.Settings.of(in, out, 1, stride)) : null;
            shortcutNorm = projects ? new BatchNorm2d(store, name + ".downsample.1", out, norm) : null;
        }

        Tensor forward(Tensor x_BCHW, Mode mode) {
            Tensor h_BCHW = x_BCHW;
            int last = convolutions.size() - 1;
            for (int i = 0; i <= last; i++) {
                h_BCHW = norms.get(i).forward(convolutions.get(i).forward(h_BCHW), mode);
                h_BCHW = i < last ? h_BCHW.relu() : h_BCHW;
            }
            Tensor straight_BCHW = shortcut == null || shortcutNorm == null
                    ? x_BCHW
                    : shortcutNorm.forward(shortcut.forward(x_BCHW), mode);
            return h_BCHW.add(straight_BCHW).relu();
        }
    }
}
