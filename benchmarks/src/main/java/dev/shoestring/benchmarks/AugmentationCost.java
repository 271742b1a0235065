package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.augment.ImageAugmentations;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.recipe.AugmentSpec;
import dev.shoestring.recipe.ImageAugment;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.ImageForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What each kind of augmentation costs: images a second of the data path (bytes gathered, augmented, normalized) with that kind alone at its
 * default strength, applied to every image; the fastest of some rounds, each round with all kinds. Prints a JSON line for each.
 *
 * <p>Usage: {@code AugmentationCost [size, default 28] [channels, default 1] [batch, default 500]}
 */
public final class AugmentationCost {
    private static final int ROUNDS = 15;
    private static final int WARMUP = 3;

    private AugmentationCost() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        int size = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 28;
        int channels = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
        int batch = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 500;
        LibTorch.load();
        List<Double> half = Collections.nCopies(channels, 0.5);
        ImageConfig config = new ImageConfig("slimnet", channels, size, half, half, 32, 1e-5, false);
        ImageForm form = new ImageForm(new NoiseImages(size, channels), config);
        Map<String, ImageAugmentations> kinds = new LinkedHashMap<>();
        kinds.put("none", new ImageAugmentations(List.of(), 1));
        for (ImageAugment kind : ImageAugment.values()) {
            kinds.put(
                    kind.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    new ImageAugmentations(List.of(new AugmentSpec.Image(kind, 1, kind.strength())), 1));
        }
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        int[] images = new int[batch];
        int[] numbers = IntStream.range(0, batch).toArray();
        for (int round = 0; round < WARMUP + ROUNDS; round++) {
            for (Map.Entry<String, ImageAugmentations> kind : kinds.entrySet()) {
                long start = System.nanoTime();
                try (TensorScope scope = TensorScope.open()) {
                    Tensor x = form.pixels(form.gather(images), batch);
                    form.normalized(
                            kind.getValue().apply(x, numbers, round, round).pixels(), size);
                }
                if (round >= WARMUP) {
                    seconds.computeIfAbsent(kind.getKey(), name -> new ArrayList<>())
                            .add((System.nanoTime() - start) * 1e-9);
                }
            }
        }
        seconds.forEach((name, times) -> {
            ObjectNode line = new ObjectMapper().createObjectNode();
            line.put("augmentation", name).put("shape", Arrays.toString(new int[] {batch, channels, size, size}));
            line.put("images_per_s", Math.round(batch / Collections.min(times)));
            System.out.println(line);
        });
    }
}
