package dev.shoestring.shrink;

import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The running statistics of batch normalization, measured anew: the mean over some batches of each batch's own. What a cut network passes on has other means
 * and variances than the full one's; with these alone put right much of its accuracy is back (EagleEye, arXiv 2007.02491), and what the channels that are left out
 * were on average is no longer missed.
 */
public final class NormStatistics {
    private NormStatistics() {}

    /**
     * Measures and sets them.
     *
     * @param store the network's parameters and buffers
     * @param batches how many batches there are
     * @param images a batch of normalized images, (B, C, H, W), made inside the open scope
     */
    public static void measure(
            ImageNetwork network, ImageConfig config, ParameterStore store, int batches, IntFunction<Tensor> images) {
        double momentum = ImageNetworks.normMomentum(config);
        Map<String, Tensor> running = new HashMap<>(store.buffers());
        running.keySet().removeIf(name -> !name.contains(".running_"));
        Map<String, double[]> sums = new HashMap<>();
        for (int batch = 0; batch < batches; batch++) {
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                // From zero they move to the batch's own times the momentum.
                running.values().forEach(statistic -> statistic.fill(0));
                network.logits(images.apply(batch), Mode.TRAIN);
                running.forEach((name, statistic) -> add(sums, name, statistic.toFloats()));
            }
        }
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            running.forEach((name, statistic) -> {
                double[] sum = sums.getOrDefault(name, new double[0]);
                float[] mean = new float[sum.length];
                for (int i = 0; i < mean.length; i++) {
                    mean[i] = (float) (sum[i] / (momentum * batches));
                }
                statistic.copyFrom(Tensor.of(mean, mean.length));
            });
        }
    }

    private static void add(Map<String, double[]> sums, String name, float[] values) {
        double[] sum = sums.computeIfAbsent(name, unused -> new double[values.length]);
        for (int i = 0; i < values.length; i++) {
            sum[i] += values[i];
        }
    }
}
