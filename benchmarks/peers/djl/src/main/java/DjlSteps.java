import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Training steps of the encoder and of the convolutional network in DJL on its PyTorch engine, written as its guides do it: a model, a
 * trainer, a gradient collector; in single precision, for DJL has no mixed one. The encoder is BertBlock with its pooled output; batches are
 * drawn at random and padded to the block's longest, as it needs them. Prints one JSON line with the keys of the other benchmarks.
 *
 * <p>Usage: {@code DjlSteps encoder|convnet [steps, default 15]}
 */
public final class DjlSteps {
    private static final int WARMUP = 3;
    private static final int MAX_TOKENS = 128;

    private DjlSteps() {}

    private record Step(NDList data, NDList labels, long tokens) {}

    private interface Batches {
        Step next(NDManager manager);
    }

    /** Runs it. */
    public static void main(String[] arguments) throws IOException {
        boolean encoder = arguments[0].equals("encoder");
        int steps = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 15;
        Random random = new Random(1);
        if (encoder) {
            Shape[] shapes = {new Shape(32, MAX_TOKENS), new Shape(32, MAX_TOKENS), new Shape(32, MAX_TOKENS)};
            run("encoder_step", bert(), Optimizer.adamW().optLearningRateTracker(Tracker.fixed(2e-5f)).build(), shapes, 32, steps,
                    manager -> sentences(manager, random));
        } else {
            Optimizer sgd = Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.1f)).optMomentum(0.9f).build();
            run("convnet_step", convolutions(), sgd, new Shape[] {new Shape(512, 1, 28, 28)}, 512, steps, DjlSteps::images);
        }
    }

    private static void run(String name, Block block, Optimizer optimizer, Shape[] shapes, int batch, int steps, Batches batches)
            throws IOException {
        List<Double> times = new ArrayList<>();
        long tokens = 0;
        double loss = 0;
        long parameters = 0;
        try (Model model = Model.newInstance(name)) {
            model.setBlock(block);
            DefaultTrainingConfig config = new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()).optOptimizer(optimizer);
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(shapes);
                for (var parameter : block.getParameters().values()) {
                    parameters += parameter.getArray().size();
                }
                for (int i = 0; i < WARMUP + steps; i++) {
                    try (NDManager manager = trainer.getManager().newSubManager()) {
                        Step step = batches.next(manager);
                        step.data().attach(manager);
                        long start = System.nanoTime();
                        try (GradientCollector collector = trainer.newGradientCollector()) {
                            NDList scores = trainer.forward(step.data());
                            NDArray value = trainer.getLoss().evaluate(step.labels(), scores);
                            collector.backward(value);
                            loss = value.getFloat();
                            scores.close();
                            value.close();
                        }
                        trainer.step();
                        if (i >= WARMUP) {
                            times.add((System.nanoTime() - start) * 1e-6);
                            tokens += step.tokens();
                        }
                    }
                }
            }
        }
        double total = times.stream().mapToDouble(Double::doubleValue).sum();
        double median = times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
        boolean words = tokens > 0;
        System.out.printf(
                Locale.ROOT,
                "{\"benchmark\":\"%s\",\"side\":\"djl\",\"variant\":\"%s\",\"precision\":\"fp32\",\"engine\":\"djl %s\",\"params\":%d,"
                        + "\"median_ms\":%.1f,\"%s\":%.0f,\"loss\":%.4f,\"peak_mib\":%d}%n",
                name,
                encoder(name) ? "BertBlock, Trainer" : "Trainer",
                Engine.getInstance().getVersion(),
                parameters,
                median,
                words ? "real_tokens_per_s" : "images_per_s",
                words ? tokens / total * 1e3 : batch / median * 1e3,
                loss,
                peak());
    }

    private static boolean encoder(String name) {
        return name.startsWith("encoder");
    }

    private static Block bert() {
        BertBlock bert = BertBlock.builder()
                .setTokenDictionarySize(30522)
                .optTypeDictionarySize(2)
                .optEmbeddingSize(384)
                .optTransformerBlockCount(6)
                .optAttentionHeadCount(12)
                .optHiddenSize(1536)
                .optHiddenDropoutProbability(0f)
                .optMaxSequenceLength(MAX_TOKENS)
                .build();
        return new SequentialBlock()
                .add(bert)
                .add(new LambdaBlock(outputs -> new NDList(outputs.get(1)), "pooled"))
                .add(Linear.builder().setUnits(26).build());
    }

    private static Step sentences(NDManager manager, Random random) {
        int[] lengths = new int[32];
        int longest = MAX_TOKENS; // BertBlock adds all its positions, so every row must be as long as its longest
        long tokens = 0;
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = (int) Math.max(4, Math.min(MAX_TOKENS, Math.round(Math.exp(random.nextGaussian() * 0.6 + 3.05))));
            tokens += lengths[i];
        }
        long[] ids = new long[lengths.length * longest];
        float[] mask = new float[ids.length];
        float[] labels = new float[lengths.length];
        for (int row = 0; row < lengths.length; row++) {
            labels[row] = random.nextInt(26);
            for (int i = 0; i < lengths[row]; i++) {
                ids[row * longest + i] = random.nextInt(30522);
                mask[row * longest + i] = 1;
            }
        }
        Shape shape = new Shape(lengths.length, longest);
        NDArray words = manager.create(ids, shape);
        NDArray kinds = manager.zeros(shape, DataType.INT64);
        NDArray seen = manager.create(mask, shape).toType(DataType.INT64, false);
        return new Step(new NDList(words, kinds, seen), new NDList(manager.create(labels)), tokens);
    }

    private static Block convolutions() {
        SequentialBlock network = new SequentialBlock();
        for (int width = 32; width <= 128; width *= 2) {
            network.add(convolution(width))
                    .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                    .add(BatchNorm.builder().build())
                    .add(Activation::gelu)
                    .add(convolution(width))
                    .add(BatchNorm.builder().build())
                    .add(Activation::gelu);
        }
        return network.add(Pool.globalMaxPool2dBlock()).add(Linear.builder().setUnits(10).build());
    }

    private static Block convolution(int width) {
        return Conv2d.builder().setKernelShape(new Shape(3, 3)).optPadding(new Shape(1, 1)).optBias(false).setFilters(width).build();
    }

    private static Step images(NDManager manager) {
        NDArray images = manager.randomNormal(new Shape(512, 1, 28, 28));
        return new Step(new NDList(images), new NDList(manager.randomInteger(0, 10, new Shape(512), DataType.INT64).toType(DataType.FLOAT32, false)), 0);
    }

    private static long peak() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return -1;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return -1;
    }
}
