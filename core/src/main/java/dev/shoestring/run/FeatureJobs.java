package dev.shoestring.run;

import dev.shoestring.data.LengthBuckets;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.FeatureBatch;
import dev.shoestring.train.StepBatches;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/** What training a head on cached features is made of, whatever computed the features. */
final class FeatureJobs {
    private FeatureJobs() {}

    /** Steps over features in random order. */
    static final class Batches implements StepBatches<FeatureBatch> {
        private final float[][] features;
        private final int[] labels;
        private final LengthBuckets order;
        private final ToDoubleFunction<int[]> flops;
        private int epoch = -1;
        private List<int[]> plan = List.of();

        /** Batches of {@code size}; {@code flops} counts the work of training on some rows. */
        Batches(float[][] features, int[] labels, int size, long seed, ToDoubleFunction<int[]> flops) {
            this.features = features;
            this.labels = labels;
            this.flops = flops;
            this.order = new LengthBuckets(new int[labels.length], size, 1, seed);
        }

        int perEpoch() {
            return order.batchesPerEpoch();
        }

        @Override
        public List<FeatureBatch> step(long step) {
            int wanted = (int) (step / perEpoch());
            if (wanted != epoch) {
                epoch = wanted;
                plan = order.epoch(epoch);
            }
            int[] rows = plan.get((int) (step % perEpoch()));
            int[] chosen = Arrays.stream(rows).map(row -> labels[row]).toArray();
            float[][] parts = Arrays.stream(rows).mapToObj(row -> features[row]).toArray(float[][]::new);
            return List.of(new FeatureBatch(flat(parts), chosen, flops.applyAsDouble(rows)));
        }
    }

    /** Some of the rows. */
    static float[][] some(float[][] rows, int[] which) {
        return Arrays.stream(which).mapToObj(row -> rows[row]).toArray(float[][]::new);
    }

    /** Class scores from features. */
    static float[][] classify(UnaryOperator<Tensor> head, float[][] features) {
        if (features.length == 0) {
            return new float[0][];
        }
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            float[] logits = head.apply(Tensor.of(flat(features), features.length, features[0].length))
                    .toFloats();
            int labels = logits.length / features.length;
            float[][] rows = new float[features.length][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(logits, i * labels, (i + 1) * labels);
            }
            return rows;
        }
    }

    private static float[] flat(float[][] rows) {
        int width = rows[0].length;
        float[] flat = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * width, width);
        }
        return flat;
    }
}
