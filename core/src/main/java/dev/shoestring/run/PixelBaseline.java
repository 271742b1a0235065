package dev.shoestring.run;

import dev.shoestring.data.ImageData;
import dev.shoestring.hub.ModelFolder;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.models.PixelNetwork;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.FeatureBatch;
import dev.shoestring.train.HeadClassification;
import dev.shoestring.train.ImageForm;
import dev.shoestring.train.ImageScorer;
import dev.shoestring.train.TensorFiles;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/** The cheap baseline of images: a linear layer on the pixels of a thumbnail. */
final class PixelBaseline {
    private static final int BATCH = 128;
    private static final int STEPS = 2000;
    private static final int MOST_EPOCHS = 50;
    private static final double RATE = 2e-3;

    private PixelBaseline() {}

    static Baseline train(ImageData data, Recipe recipe) {
        ParameterStore store = ParameterStore.fresh(recipe.seed());
        try {
            return train(data, recipe, store);
        } catch (RuntimeException refused) {
            store.close();
            throw refused;
        }
    }

    private static Baseline train(ImageData data, Recipe recipe, ParameterStore store) {
        long start = System.nanoTime();
        ImageStatistics statistics = ImageStatistics.of(data);
        int size = data.store().size();
        int labels = data.labels().size();
        ImageConfig config = new ImageConfig(
                PixelNetwork.NAME,
                data.store().channels(),
                size,
                statistics.mean(),
                statistics.standardDeviation(),
                0,
                1e-5,
                false);
        ImageNetwork network = ImageNetworks.of(config, labels, store);
        ImageScorer scorer = new ImageScorer(
                network, new ImageForm(data.store(), config), size, Arithmetic.FP32, ImageScorer.Views.ONE);
        float[][] features = scorer.features(data.train());
        int width = features[0].length;
        FeatureJobs.Batches batches = new FeatureJobs.Batches(
                features,
                Arrays.stream(data.train()).map(data::labelOf).toArray(),
                BATCH,
                recipe.seed(),
                rows -> 4.0 * rows.length * width * labels);
        int steps = Math.min(STEPS, MOST_EPOCHS * batches.perEpoch());
        HeadClassification objective = new HeadClassification(network::classify, width, 0);
        double flops = 0;
        try (AdamW optimizer =
                new AdamW(List.of(new ParameterGroup(store.trainable(), RATE, 0.01)), 0.9, 0.999, 1e-8)) {
            for (int step = 0; step < steps; step++) {
                for (FeatureBatch batch : batches.step(step)) {
                    try (TensorScope scope = TensorScope.open()) {
                        Tensor loss = objective.lossSum(batch).mul(1.0 / batch.weight());
                        loss.backward();
                    }
                    flops += batch.flops();
                }
                optimizer.step(1 - (double) step / steps);
                optimizer.clearGradients();
            }
        }
        return new Baseline(
                PixelNetwork.NAME,
                held -> scorer.logits(data.held(held)),
                (System.nanoTime() - start) * 1e-9,
                flops,
                Math.max(1, steps / batches.perEpoch()),
                store.count(),
                folder -> TensorFiles.lend(
                        new LinkedHashMap<>(store.all()),
                        tensors ->
                                ModelFolder.write(folder, ImageNetworks.write(config, data.labels(), width), tensors)),
                store::close);
    }
}
