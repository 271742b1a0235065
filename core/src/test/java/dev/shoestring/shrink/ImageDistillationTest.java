package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.augment.ImageAugmentations;
import dev.shoestring.data.ImageStore;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.ImageBatch;
import dev.shoestring.train.ImageForm;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The loss of learning another classifier's scores of images. */
final class ImageDistillationTest {
    private static final float[] WANTED = {3, 0, -1, 1, -2, 0.5f, 0, 0, 4, -1, 1, 2};
    private static final int[] LABELS = {0, 3, 2};
    private static final int LABEL_COUNT = 4;

    @Test
    void theLossIsTheDivergenceAndTheLabelsShare() {
        ImageConfig config = CutImages.config("slimnet");
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            ImageNetwork student = ImageNetworks.of(config, LABEL_COUNT, store);
            ImageForm form = new ImageForm(new Noise(), config);
            ImageBatch batch =
                    new ImageBatch(form.gather(new int[] {0, 1, 2}), new int[] {0, 1, 2}, LABELS, 0, 0, 32, 0);
            float[] own;
            try (NoGrad guard = NoGrad.on()) {
                own = student.logits(form.normalized(form.pixels(batch.pixels(), 3), 32), Mode.TRAIN)
                        .toFloats();
            }
            DistillSpec spec = new DistillSpec("", 2, 0.3, 0, 0, null);
            double expected = 0;
            for (int image = 0; image < 3; image++) {
                float[] theirs = row(WANTED, image);
                float[] ours = row(own, image);
                expected += 0.7 * 4 * divergence(theirs, ours, 2)
                        - 0.3 * Math.log(ClassificationMetrics.probabilities(ours)[LABELS[image]]);
            }
            assertThat(loss(student, form, spec, batch, WANTED)).isCloseTo(expected, within(1e-4));
            DistillSpec soft = new DistillSpec("", 3, 0, 0, 0, null);
            assertThat(loss(student, form, soft, batch, own)).isCloseTo(0, within(1e-5));
        }
    }

    private static double loss(
            ImageNetwork student, ImageForm form, DistillSpec spec, ImageBatch batch, float[] wanted) {
        return new ImageDistillation(
                        student,
                        form,
                        new ImageAugmentations(List.of(), 1),
                        LABEL_COUNT,
                        0,
                        (pixels, images) -> Tensor.of(wanted, 3, LABEL_COUNT),
                        spec)
                .lossSum(batch)
                .item();
    }

    private static float[] row(float[] values, int row) {
        return Arrays.copyOfRange(values, row * LABEL_COUNT, (row + 1) * LABEL_COUNT);
    }

    private static double divergence(float[] teacher, float[] student, double temperature) {
        float[] p = cooled(teacher, temperature);
        float[] q = cooled(student, temperature);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] * Math.log(p[i] / q[i]);
        }
        return sum;
    }

    private static float[] cooled(float[] logits, double temperature) {
        float[] divided = logits.clone();
        for (int i = 0; i < divided.length; i++) {
            divided[i] /= (float) temperature;
        }
        return ClassificationMetrics.probabilities(divided);
    }

    /** Three images of noise. */
    private static final class Noise implements ImageStore {
        @Override
        public int count() {
            return 3;
        }

        @Override
        public int size() {
            return 32;
        }

        @Override
        public int channels() {
            return 3;
        }

        @Override
        public void copy(int image, ByteBuffer into) {
            byte[] bytes = new byte[bytes()];
            new Random(image).nextBytes(bytes);
            into.put(bytes);
        }
    }
}
