package dev.shoestring.benchmarks;

import dev.shoestring.nn.BatchNorm2d;
import dev.shoestring.nn.Conv2d;
import dev.shoestring.nn.Linear;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Sgd;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One training step of a small convolutional network on 28 × 28 images: three stages of two 3 × 3 convolutions, 32, 64 and 128 wide,
 * pooling between them, batch normalization and GELU after each. Prints one JSON line with the share of the ceiling, which is
 * measured before and after.
 *
 * <p>Usage: {@code ConvNetStepBenchmark [--precision bf16 --batch 512 --steps 15]}
 */
public final class ConvNetStepBenchmark {
    private static final int SIZE = 28;
    private static final int LABELS = 10;
    private static final int WARMUP = 3;
    private static final double SMOOTHING = 0.1;

    private ConvNetStepBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        Options options = new Options(arguments, Set.of("precision", "batch", "steps"));
        Arithmetic arithmetic = Line.arithmetic(options.text("precision", "bf16"));
        int batch = options.number("batch", 512);
        LibTorch.load();
        double ceiling = Ceiling.convolution(arithmetic);
        try (ParameterStore store = ParameterStore.fresh(1)) {
            Network network = new Network(store);
            Sgd sgd = new Sgd(List.of(new ParameterGroup(store.trainable(), 0.1, 0)), 0.9);
            Tensor x_BCHW = Tensor.zeros(DType.FLOAT32, batch, 1, SIZE, SIZE)
                    .fillNormal(0, 1)
                    .channelsLast()
                    .unscoped();
            Tensor labels_B = Tensor.of(new Random(1).ints(batch, 0, LABELS).toArray(), batch)
                    .unscoped();
            double[] last = new double[1];
            Timing timing = Timing.of(WARMUP, options.number("steps", 15), step -> {
                try (TensorScope scope = TensorScope.open()) {
                    Tensor loss = arithmetic
                            .run(() -> network.logits(x_BCHW).to(DType.FLOAT32).crossEntropySum(labels_B, SMOOTHING))
                            .mul(1.0 / batch);
                    loss.backward();
                    last[0] = loss.item();
                }
                sgd.step(1);
                sgd.clearGradients();
            });
            ceiling = Math.max(ceiling, Ceiling.convolution(arithmetic));
            double rate = network.flops() * batch / timing.median() * 1e3;
            new Line("convnet_step", "convnet", arithmetic)
                    .put("params", store.count())
                    .timing(timing)
                    .put("images_per_s", batch / timing.median() * 1e3)
                    .put("gflops", rate * 1e-9)
                    .put("ceiling_gflops", ceiling * 1e-9)
                    .put("share_of_ceiling", rate / ceiling)
                    .put("loss", last[0])
                    .print();
        }
    }

    /** The network, with its operations counted. */
    private static final class Network {
        private final List<Stage> stages = new ArrayList<>();
        private final Linear head;

        Network(ParameterStore store) {
            int in = 1;
            for (int i = 0; i < 3; i++) {
                int out = 32 << i;
                stages.add(new Stage(store, "stages." + i, in, out));
                in = out;
            }
            head = new Linear(store, "head", in, LABELS);
        }

        Tensor logits(Tensor x_BCHW) {
            Tensor h_BCHW = x_BCHW;
            for (Stage stage : stages) {
                h_BCHW = stage.forward(h_BCHW);
            }
            return head.forward(h_BCHW.amax(2, 3));
        }

        /** Of a training step an image; the first convolution's input needs no gradient. */
        double flops() {
            double flops = 0;
            int side = SIZE;
            for (Stage stage : stages) {
                flops += 2.0 * 9 * side * side * stage.in * stage.out * (stage.in == 1 ? 2 : 3);
                side /= 2;
                flops += 2.0 * 9 * side * side * stage.out * stage.out * 3;
            }
            return flops;
        }
    }

    private static final class Stage {
        private final int in;
        private final int out;
        private final Conv2d conv1;
        private final BatchNorm2d norm1;
        private final Conv2d conv2;
        private final BatchNorm2d norm2;

        Stage(ParameterStore store, String name, int in, int out) {
            this.in = in;
            this.out = out;
            conv1 = new Conv2d(store, name + ".conv1", Conv2d.Settings.of(in, out, 3, 1));
            norm1 = new BatchNorm2d(store, name + ".norm1", out, BatchNorm2d.Settings.DEFAULT);
            conv2 = new Conv2d(store, name + ".conv2", Conv2d.Settings.of(out, out, 3, 1));
            norm2 = new BatchNorm2d(store, name + ".norm2", out, BatchNorm2d.Settings.DEFAULT);
        }

        Tensor forward(Tensor x_BCHW) {
            Tensor pooled_BCHW = ImageOperators.maxPool(conv1.forward(x_BCHW), 2, 2, 0);
            Tensor h_BCHW = norm1.forward(pooled_BCHW, Mode.TRAIN).gelu();
            return norm2.forward(conv2.forward(h_BCHW), Mode.TRAIN).gelu();
        }
    }
}
