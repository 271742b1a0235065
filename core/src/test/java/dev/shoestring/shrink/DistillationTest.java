package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.TextBatch;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DistillationTest {
    private static final BertConfig CONFIG = new BertConfig(60, 16, 2, 4, 32, 24, 2, 1e-12);
    private static final TokenBatch TOKENS =
            TokenBatch.of(List.of(new Encoded(new int[] {1, 5, 9, 2}, 1), new Encoded(new int[] {1, 7, 3, 4}, 0)), 0);

    @Test
    void aTeachersEqualHasNoLossAndNoGradient() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert student = new Bert(CONFIG, 3, store, new Dropout(0, 0));
            TeacherAnswers own = answers(student);
            DistillSpec spec = new DistillSpec("", 3, 0, 2, 0, null);
            Tensor loss = new Distillation(student, () -> own, new int[] {0, 1}, spec, 0, null).lossSum(batch());
            assertThat(loss.item()).isCloseTo(0, within(1e-5));
            loss.backward();
            store.trainable().values().forEach(parameter -> {
                Tensor gradient = parameter.grad();
                assertThat(gradient == null ? 0 : gradient.norm().item()).isLessThan(1e-4);
            });
        }
    }

    @Test
    void theLossIsTheOneOfThePaper() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert student = new Bert(CONFIG, 3, store, new Dropout(0, 0));
            float[][] wanted = {{2, 0, -1}, {0.5f, 1, -3}};
            float[][] features = {new float[16], new float[16]};
            TeacherAnswers teacher = new TeacherAnswers(wanted, features);
            DistillSpec spec = new DistillSpec("", 2, 0.3, 0.5, 0, null);
            int[] labels = {2, Distillation.UNLABELLED};
            double loss = new Distillation(student, () -> teacher, labels, spec, 0, null)
                    .lossSum(batch())
                    .item();

            TeacherAnswers own = answers(student);
            double expected = 0.7 * 4 * divergence(wanted[0], own.logits(0), 2)
                    - 0.3 * Math.log(ClassificationMetrics.probabilities(own.logits(0))[2])
                    + 4 * divergence(wanted[1], own.logits(1), 2);
            for (int text = 0; text < 2; text++) {
                for (float feature : own.features(text)) {
                    expected += 0.5 / 16 * feature * feature;
                }
            }
            assertThat(loss).isCloseTo(expected, within(1e-4));
        }
    }

    /** Texts in the batch stand in another order than their numbers. */
    private static TextBatch batch() {
        return new TextBatch(TOKENS, 1);
    }

    /** The student's own answers, by the numbers of the texts. */
    private static TeacherAnswers answers(Bert student) {
        BertInput input = BertInput.of(TOKENS);
        Tensor first = student.firstTokens(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE);
        float[] features = first.toFloats();
        float[] logits = student.classify(first, Mode.EVALUATE).toFloats();
        return new TeacherAnswers(
                new float[][] {Arrays.copyOfRange(logits, 3, 6), Arrays.copyOf(logits, 3)},
                new float[][] {Arrays.copyOfRange(features, 16, 32), Arrays.copyOf(features, 16)});
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
}
