package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.Close;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TextBatch;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention relations against a plain computation of their definition. */
final class AttentionRelationsTest {
    /** Texts by number: the first of four tokens, the second of two; in the batch they stand in the other order. */
    private static final List<Encoded> TEXTS =
            List.of(new Encoded(new int[] {1, 5, 9, 2}, 0), new Encoded(new int[] {1, 7}, 1));

    private static final TokenBatch BATCH = TokenBatch.of(List.of(TEXTS.get(1), TEXTS.get(0)), 0);

    private static BertConfig config(int width, int heads) {
        return new BertConfig(60, width, 2, heads, 32, 24, 2, 1e-12);
    }

    private static Bert bert(int width, ParameterStore store) {
        return new Bert(config(width, 4), 3, store, new Dropout(0, 0));
    }

    /** Weights large enough that relations are far from uniform. */
    private static void enlarge(ParameterStore store) {
        store.all().forEach((name, parameter) -> {
            if (name.contains("attention.self")) {
                parameter.requiresGrad(false).mulInPlace(20).requiresGrad(true);
            }
        });
    }

    private static RelationTeacher teacher(Bert bert, int layer) {
        return new RelationTeacher(bert, layer, TEXTS, 0);
    }

    private static Tensor loss(Bert student, RelationTeacher teacher, int heads, double weight) {
        BertInput input = BertInput.of(BATCH);
        Tensor x = student.into(1, input.ids_BT(), input.bias_B11T(), Mode.TRAIN);
        return new AttentionRelations(student, teacher, heads, weight).lossSum(x, BATCH, input.bias_B11T());
    }

    /** The definition, of one text and one kind, in double precision. */
    private static double divergence(float[][] own, float[][] wanted, int heads) {
        double sum = 0;
        int tokens = own.length;
        for (int head = 0; head < heads; head++) {
            for (int token = 0; token < tokens; token++) {
                double[] p = relation(wanted, heads, head, token);
                double[] q = relation(own, heads, head, token);
                for (int other = 0; other < tokens; other++) {
                    sum += p[other] * Math.log(p[other] / q[other]);
                }
            }
        }
        return sum / heads / tokens;
    }

    private static double[] relation(float[][] of, int heads, int head, int token) {
        int headDim = of[0].length / heads;
        double[] shares = new double[of.length];
        double total = 0;
        for (int other = 0; other < of.length; other++) {
            double product = 0;
            for (int i = head * headDim; i < (head + 1) * headDim; i++) {
                product += of[token][i] * of[other][i];
            }
            shares[other] = Math.exp(product / Math.sqrt(headDim));
            total += shares[other];
        }
        for (int other = 0; other < of.length; other++) {
            shares[other] /= total;
        }
        return shares;
    }

    /** Some channels of the real tokens of a row. */
    private static float[][] part(float[] all, int row, int width, int kind) {
        int length = BATCH.maxLength();
        float[][] part = new float[BATCH.lengths()[row]][width];
        for (int token = 0; token < part.length; token++) {
            System.arraycopy(all, ((row * length + token) * 3 + kind) * width, part[token], 0, width);
        }
        return part;
    }

    private static float[] random(int seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "6"})
    void theDivergenceIsThatOfTheDefinition(int heads) {
        float[] own = random(1, 2 * 4 * 3 * 6);
        float[] wanted = random(2, 2 * 4 * 3 * 12);
        double expected = 0;
        for (int row = 0; row < 2; row++) {
            for (int kind = 0; kind < 3; kind++) {
                expected += divergence(part(own, row, 6, kind), part(wanted, row, 12, kind), heads);
            }
        }
        assertThat(expected).isGreaterThan(0.5);
        try (TensorScope scope = TensorScope.open()) {
            double actual = AttentionRelations.divergence(
                            Tensor.of(own, 2, 4, 18),
                            Tensor.of(wanted, 2, 4, 36),
                            heads,
                            BATCH,
                            BertInput.of(BATCH).bias_B11T())
                    .item();
            assertThat(actual).isCloseTo(expected, within(1e-4));
        }
    }

    /** One head, two tokens, (1, 0) and (0, 1) for the teacher, nothing for the student, whose relations are uniform. */
    @Test
    void aCaseByHand() {
        TokenBatch two = TokenBatch.of(List.of(TEXTS.get(1)), 0);
        float[] wanted = {1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1};
        double p = Math.exp(Math.sqrt(0.5)) / (Math.exp(Math.sqrt(0.5)) + 1);
        double each = p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p));
        try (TensorScope scope = TensorScope.open()) {
            Tensor divergence = AttentionRelations.divergence(
                    Tensor.of(new float[12], 1, 2, 6), Tensor.of(wanted, 1, 2, 6), 1, two, null);
            assertThat(divergence.item()).isCloseTo(3 * each, within(1e-6));
        }
    }

    @Test
    void aTeachersEqualHasNoLossAndNoGradient() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert student = bert(16, store);
            enlarge(store);
            Tensor loss = loss(student, teacher(student, 1), 4, 5);
            assertThat(loss.item()).isCloseTo(0, within(1e-5));
            loss.backward();
            store.trainable().values().forEach(parameter -> {
                Tensor gradient = parameter.grad();
                assertThat(gradient == null ? 0 : gradient.norm().item()).isLessThan(1e-4);
            });
        }
    }

    /** Of a narrower student than its teacher, whose relations come from a lower layer: the slope by differences. */
    @Test
    void theGradientIsThatOfTheLossAtOtherWidths() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3);
                ParameterStore others = ParameterStore.fresh(4)) {
            Bert student = bert(16, store);
            enlarge(store);
            Bert larger = bert(24, others);
            enlarge(others);
            RelationTeacher teacher = teacher(larger, 0);
            Tensor loss = loss(student, teacher, 8, 2);
            assertThat(loss.item()).isGreaterThan(1e-3);
            assertThat(loss.item())
                    .isNotCloseTo(loss(student, teacher(larger, 1), 8, 2).item(), within(1e-6));
            loss.backward();
            assertThat(others.all().values())
                    .allSatisfy(parameter -> assertThat(parameter.grad()).isNull());
            for (String name : List.of(
                    "bert.encoder.layer.1.attention.self.query.weight",
                    "bert.encoder.layer.1.attention.self.value.bias",
                    "bert.encoder.layer.0.output.dense.weight",
                    "bert.embeddings.position_embeddings.weight")) {
                Tensor parameter = Objects.requireNonNull(store.all().get(name));
                Tensor gradient = Objects.requireNonNull(parameter.grad(), name).copy();
                double norm = gradient.norm().item();
                assertThat(norm).as(name).isGreaterThan(1e-6);
                double step = 1e-2;
                parameter.requiresGrad(false);
                parameter.addInPlace(gradient, step / norm);
                double above = loss(student, teacher, 8, 2).item();
                parameter.addInPlace(gradient, -2 * step / norm);
                double below = loss(student, teacher, 8, 2).item();
                parameter.addInPlace(gradient, step / norm);
                assertThat((above - below) / (2 * step)).as(name).isCloseTo(norm, within(0.02 * norm + 1e-4));
            }
        }
    }

    @Test
    void theyComeToTheLossOfTheAnswersByTheNumbersOfTheTexts() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3);
                ParameterStore others = ParameterStore.fresh(4)) {
            Bert student = bert(16, store);
            Bert larger = bert(24, others);
            enlarge(others);
            TeacherAnswers answers = new TeacherAnswers(
                    new float[][] {{2, 0, -1}, {0.5f, 1, -3}}, new float[][] {new float[16], new float[16]});
            DistillSpec spec = new DistillSpec("", 2, 0.3, 0.5, 0, null);
            Distillation plain = new Distillation(student, () -> answers, new int[] {2, 1}, spec, 0, null);
            Distillation both = plain.with(new AttentionRelations(student, teacher(larger, 1), 4, 3));
            TextBatch batch = new TextBatch(BATCH, 1);
            double relations = loss(student, teacher(larger, 1), 4, 3).item();
            assertThat(relations).isGreaterThan(1e-2);
            Close.fp32("loss", new float[] {(float) both.lossSum(batch).item()}, new float[] {
                (float) (plain.lossSum(batch).item() + relations)
            });
            long before = 0;
            for (int i = 0; i < 20; i++) {
                for (Arithmetic arithmetic : Arithmetic.values()) {
                    try (TensorScope inner = TensorScope.open()) {
                        assertThat(both.backward(batch, 2, arithmetic)).isFinite();
                        store.all().values().forEach(Tensor::clearGrad);
                    }
                }
                before = i == 1 ? LiveTensors.count() : before;
            }
            assertThat(LiveTensors.count()).isEqualTo(before);
        }
    }
}
