package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.augment.ImageAugmentations;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AugmentSpec;
import dev.shoestring.recipe.ImageAugment;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ImageBatch;
import dev.shoestring.train.ImageClassification;
import dev.shoestring.train.ImageForm;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images a second of the data path (bytes gathered, augmented, normalized) against those of the network's forward and backward pass, in
 * alternation. Prints one JSON line.
 *
 * <p>Usage: {@code ImagePipelineBenchmark [architecture, default slimnet] [size, default 28] [channels, default 1] [batch, default 500]}
 */
public final class ImagePipelineBenchmark {
    private static final int ROUNDS = 12;
    private static final int WARMUP = 3;
    private static final int LABELS = 10;

    private ImagePipelineBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        String architecture = arguments.length > 0 ? arguments[0] : "slimnet";
        int size = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 28;
        int channels = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1;
        int batch = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 500;
        LibTorch.load();
        List<Double> half = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            half.add(0.5);
        }
        ImageConfig config = new ImageConfig(architecture, channels, size, half, half, 32, 1e-5, false);
        ImageForm form = new ImageForm(new NoiseImages(size, channels), config);
        ParameterStore store = ParameterStore.fresh(1);
        ImageNetwork network = ImageNetworks.of(config, LABELS, store);
        List<AugmentSpec> specs = new ArrayList<>();
        for (ImageAugment kind : List.of(
                ImageAugment.FLIP,
                ImageAugment.CROP,
                ImageAugment.ROTATE,
                ImageAugment.SCALE,
                ImageAugment.COLOR,
                ImageAugment.ERASE,
                ImageAugment.CUTMIX)) {
            specs.add(new AugmentSpec.Image(kind, kind.rate(), kind.strength()));
        }
        ImageAugmentations all = new ImageAugmentations(specs, 1);
        ImageClassification objective =
                new ImageClassification(network, form, new ImageAugmentations(List.of(), 1), LABELS, 0.1, 1);
        int[] images = new int[batch];
        int[] numbers = IntStream.range(0, batch).toArray();
        int[] labels = IntStream.range(0, batch).map(i -> i % LABELS).toArray();
        List<Double> loading = new ArrayList<>();
        List<Double> training = new ArrayList<>();
        for (int round = 0; round < WARMUP + ROUNDS; round++) {
            long start = System.nanoTime();
            try (TensorScope scope = TensorScope.open()) {
                Tensor x = form.pixels(form.gather(images), batch);
                form.normalized(all.apply(x, numbers, round, round).pixels(), size);
            }
            double loaded = (System.nanoTime() - start) * 1e-9;
            ImageBatch one = new ImageBatch(form.gather(images), numbers, labels, round, round, size, 0);
            start = System.nanoTime();
            try (TensorScope scope = TensorScope.open()) {
                Arithmetic.BF16
                        .run(() -> objective.lossSum(one))
                        .mul(1.0 / batch)
                        .backward();
            }
            store.trainable().values().forEach(Tensor::clearGrad);
            if (round >= WARMUP) {
                loading.add(loaded);
                training.add((System.nanoTime() - start) * 1e-9);
            }
        }
        ObjectNode result = new ObjectMapper().createObjectNode();
        result.put("benchmark", "image_pipeline").put("architecture", architecture);
        result.put("size", size).put("channels", channels).put("batch", batch);
        double loaded = batch / Timing.median(loading);
        double trained = batch / Timing.median(training);
        result.put("loader_images_per_s", Math.round(loaded)).put("network_images_per_s", Math.round(trained));
        result.put("ratio", Math.round(loaded / trained * 10) / 10.0);
        System.out.println(result);
    }
}
