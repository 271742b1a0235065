package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.Close;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.RotaryPositions;
import dev.shoestring.models.Visibility;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.NextToken;
import dev.shoestring.train.TokenLoss;
import dev.shoestring.train.TokenRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A decoder that learns from another's answers: its gradient against automatic differentiation, and answers that are kept. */
final class DistilledNextTokenTest {
    private static final int VOCABULARY = 50;
    private static final int TOKENS = 12;

    private static DecoderConfig config(int width, boolean tied) {
        return new DecoderConfig(
                "llama",
                VOCABULARY,
                width,
                2,
                4,
                2,
                8,
                48,
                64,
                1e-5,
                new RotaryPositions.Plain(10_000),
                tied,
                DecoderConfig.Biases.NONE,
                false,
                Collections.nCopies(2, 0),
                0.2);
    }

    private static TokenRows rows(int seed) {
        Random random = new Random(seed);
        int[][] ids = new int[3][TOKENS];
        int[][] targets = new int[3][TOKENS];
        for (int row = 0; row < 3; row++) {
            for (int i = 0; i < TOKENS; i++) {
                ids[row][i] = random.nextInt(VOCABULARY);
                targets[row][i] = random.nextInt(4) == 0 ? TokenRows.NONE : random.nextInt(VOCABULARY);
            }
        }
        return new TokenRows(ids, targets, new int[][] {{0}, {0, 4}, {0, 5, 9}}, 6, 0, 0, 9);
    }

    private record Outcome(double loss, Map<String, float[]> gradients) {}

    private interface Work {
        double backward(Decoder student);
    }

    private static Outcome outcome(boolean tied, Work work) {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            double loss = work.backward(new Decoder(config(32, tied), store));
            Map<String, float[]> gradients = new LinkedHashMap<>();
            store.trainable()
                    .forEach((name, parameter) -> gradients.put(
                            name, Objects.requireNonNull(parameter.grad(), name).toFloats()));
            return new Outcome(loss, gradients);
        }
    }

    private static void same(Outcome actual, Outcome expected) {
        Close.fp32("loss", new float[] {(float) actual.loss()}, new float[] {(float) expected.loss()});
        expected.gradients()
                .forEach((name, gradient) -> Close.fp32Norm(
                        name, Objects.requireNonNull(actual.gradients().get(name)), gradient));
    }

    private static LiveTeacher teacher(ParameterStore store, double temperature, int top) {
        Decoder decoder = new Decoder(config(48, false), store);
        return new LiveTeacher(
                new DecoderPass(decoder, Arithmetic.FP32, false, 0), temperature, top, VOCABULARY, () -> {});
    }

    private static DistilledNextToken objective(
            Decoder student, TokenTeacher teacher, double temperature, double hard, int chunk) {
        return new DistilledNextToken(
                new DecoderPass(student, Arithmetic.FP32, false, 0),
                new TokenLoss(student, Arithmetic.FP32, chunk, 0),
                teacher,
                temperature,
                hard);
    }

    /** The definition, by automatic differentiation of whole score tensors. */
    private static double defined(Decoder student, Decoder teacher, double temperature, double hard) {
        return backward(answersSum(student, teacher, temperature, hard));
    }

    private static double backward(Tensor sum) {
        Tensor loss = sum.mul(1 / (double) rows(1).weight());
        loss.backward();
        return loss.item();
    }

    private static Tensor answersSum(Decoder student, Decoder teacher, double temperature, double hard) {
        TokenRows rows = rows(1);
        int[] places = rows.places();
        Tensor index = Tensor.of(places, places.length);
        Tensor own = student.logits(rows.ids(), Visibility.of(student, rows.starts(), TOKENS))
                .view(-1, VOCABULARY)
                .indexSelect(0, index);
        Tensor wanted = teacher.logits(rows.ids(), Visibility.of(teacher, rows.starts(), TOKENS))
                .detach()
                .view(-1, VOCABULARY)
                .indexSelect(0, index)
                .mul(1 / temperature);
        Tensor divergence = wanted.softmax(1)
                .mul(wanted.logSoftmax(1).sub(own.mul(1 / temperature).logSoftmax(1)))
                .sum();
        int[] targets = rows.targetsAt(places);
        return divergence
                .mul((1 - hard) * temperature * temperature)
                .add(own.crossEntropySum(Tensor.of(targets, targets.length), 0).mul(hard));
    }

    private static Tensor states(Decoder of) {
        TokenRows rows = rows(1);
        int[] places = rows.places();
        return of.hidden(rows.ids(), Visibility.of(of, rows.starts(), TOKENS))
                .reshape(-1, of.config().hiddenSize())
                .indexSelect(0, Tensor.of(places, places.length));
    }

    private static float[] projection() {
        Random random = new Random(6);
        float[] values = new float[48 * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() / 5);
        }
        return values;
    }

    /** The states' loss and gradients, that of the matrix between widths included, against automatic differentiation, with blocks computed again and without. */
    @ParameterizedTest
    @CsvSource({"true, true", "false, false"})
    void hiddenStatesAreLearntThroughAMatrix(boolean tied, boolean checkpointing) {
        double weight = 3;
        try (ParameterStore store = ParameterStore.fresh(7);
                ParameterStore again = ParameterStore.fresh(7);
                TensorScope scope = TensorScope.open()) {
            LiveTeacher teacher = teacher(store, 1, 0);
            Decoder same = new Decoder(config(48, false), again);
            TokenRows rows = rows(1);
            Tensor expectedMatrix = Tensor.of(projection(), 48, 32).requiresGrad(true);
            Outcome expected = outcome(tied, student -> {
                Tensor difference =
                        states(student).linear(expectedMatrix).sub(states(same).detach());
                Tensor hidden = difference.mul(difference).sum().mul(weight / 48);
                assertThat(hidden.item()).isGreaterThan(1);
                return backward(answersSum(student, same, 1, 0.3).add(hidden));
            });
            Tensor matrix = Tensor.of(projection(), 48, 32).requiresGrad(true);
            double[] measured = new double[1];
            Outcome actual = outcome(tied, student -> {
                DistilledNextToken objective = new DistilledNextToken(
                        new DecoderPass(student, Arithmetic.FP32, checkpointing, 0),
                        new TokenLoss(student, Arithmetic.FP32, 5, 0),
                        teacher,
                        1,
                        0.3,
                        new HiddenStates(weight, matrix));
                measured[0] = objective.lossSum(rows).item() / rows.weight();
                return objective.backward(rows, (double) rows.weight(), Arithmetic.FP32);
            });
            same(actual, expected);
            Close.fp32("measured", new float[] {(float) measured[0]}, new float[] {(float) expected.loss()});
            Close.fp32Norm(
                    "matrix",
                    Objects.requireNonNull(matrix.grad()).toFloats(),
                    Objects.requireNonNull(expectedMatrix.grad()).toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 1, 0", "false, 1, 0.3", "true, 2.5, 0.1", "false, 2.5, 1"})
    void theWrittenOutGradientIsThatOfTheDefinition(boolean tied, double temperature, double hard) {
        try (ParameterStore store = ParameterStore.fresh(7);
                ParameterStore again = ParameterStore.fresh(7)) {
            LiveTeacher teacher = teacher(store, temperature, 0);
            Decoder same = new Decoder(config(48, false), again);
            TokenRows rows = rows(1);
            Outcome expected = outcome(tied, student -> defined(student, same, temperature, hard));
            for (int chunk : new int[] {4, 1000}) {
                same(
                        outcome(tied, student -> objective(student, teacher, temperature, hard, chunk)
                                .backward(rows, (double) rows.weight(), Arithmetic.FP32)),
                        expected);
            }
        }
    }

    @Test
    void allPiecesAsTheLikeliestAreTheWholeDistribution() {
        try (ParameterStore store = ParameterStore.fresh(7);
                ParameterStore again = ParameterStore.fresh(7)) {
            LiveTeacher whole = teacher(store, 2, 0);
            LiveTeacher top = teacher(again, 2, VOCABULARY);
            TokenRows rows = rows(1);
            same(
                    outcome(true, student -> objective(student, top, 2, 0.1, 5)
                            .backward(rows, (double) rows.weight(), Arithmetic.FP32)),
                    outcome(true, student -> objective(student, whole, 2, 0.1, 5)
                            .backward(rows, (double) rows.weight(), Arithmetic.FP32)));
        }
    }

    /** The derivative of the divergence over the likeliest pieces and the rest, by differences. */
    @Test
    void theDerivativeOfTheLikeliestPiecesIsThatOfTheirDivergence() {
        Random random = new Random(4);
        float[] scores = new float[2 * VOCABULARY];
        float[] teacher = new float[2 * VOCABULARY];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) random.nextGaussian();
            teacher[i] = (float) (2 * random.nextGaussian());
        }
        try (TensorScope scope = TensorScope.open()) {
            TopPieces top = TopPieces.of(Tensor.of(teacher, 2, VOCABULARY).softmax(1), 6);
            Tensor log = Tensor.of(scores, 2, VOCABULARY).logSoftmax(1);
            float[] slope = log.softmax(1).sub(top.compare(log).wanted_CV()).toFloats();
            for (int i = 0; i < scores.length; i += 7) {
                double step = 1e-2;
                double above = divergence(top, scores, i, step);
                double below = divergence(top, scores, i, -step);
                assertThat((above - below) / (2 * step)).isCloseTo(slope[i], org.assertj.core.data.Offset.offset(2e-4));
            }
        }
    }

    private static double divergence(TopPieces top, float[] scores, int place, double step) {
        float[] moved = scores.clone();
        moved[place] += (float) step;
        return top.compare(Tensor.of(moved, 2, VOCABULARY).logSoftmax(1)).divergence();
    }

    @Test
    void aStudentThatIsItsTeacherHasNothingToLearn() {
        try (ParameterStore store = ParameterStore.fresh(3)) {
            Decoder decoder = new Decoder(config(32, true), store);
            LiveTeacher teacher =
                    new LiveTeacher(new DecoderPass(decoder, Arithmetic.FP32, false, 0), 1, 0, VOCABULARY, () -> {});
            Outcome nothing = outcome(true, student -> new DistilledNextToken(
                            new DecoderPass(student, Arithmetic.FP32, false, 0),
                            new TokenLoss(student, Arithmetic.FP32, 8, 0),
                            teacher,
                            1,
                            0,
                            new HiddenStates(10, null))
                    .backward(rows(1), 1, Arithmetic.FP32));
            assertThat(nothing.loss()).isCloseTo(0, org.assertj.core.data.Offset.offset(1e-4));
            nothing.gradients().values().forEach(gradient -> {
                for (float one : gradient) {
                    assertThat(one).isCloseTo(0, org.assertj.core.data.Offset.offset(1e-4f));
                }
            });
        }
    }

    @Test
    void onlyTheTokenThatFollowsIsTheOrdinaryLoss() {
        try (ParameterStore store = ParameterStore.fresh(7)) {
            LiveTeacher teacher = teacher(store, 1, 0);
            TokenRows rows = rows(1);
            same(
                    outcome(true, student -> objective(student, teacher, 1, 1, 8)
                            .backward(rows, (double) rows.weight(), Arithmetic.FP32)),
                    outcome(true, student -> new NextToken(
                                    new DecoderPass(student, Arithmetic.FP32, false, 0),
                                    new TokenLoss(student, Arithmetic.FP32, 8, 0))
                            .backward(rows, (double) rows.weight(), Arithmetic.FP32)));
        }
    }

    @Test
    void whatIsMeasuredIsWhatIsTrainedOn() {
        try (ParameterStore store = ParameterStore.fresh(7)) {
            LiveTeacher teacher = teacher(store, 2, 0);
            Outcome trained = outcome(true, student -> {
                DistilledNextToken objective = objective(student, teacher, 2, 0.2, 8);
                double measured = objective.lossSum(rows(1)).item();
                double now = objective.backward(rows(1), 1, Arithmetic.FP32);
                Close.fp32("sum", new float[] {(float) now}, new float[] {(float) measured});
                return now;
            });
            assertThat(trained.loss()).isGreaterThan(1);
        }
    }

    @Test
    void nothingIsLeftBehind() {
        try (ParameterStore store = ParameterStore.fresh(7);
                ParameterStore own = ParameterStore.fresh(3)) {
            Decoder student = new Decoder(config(32, true), own);
            DistilledNextToken objective = objective(student, teacher(store, 1, 0), 1, 0.1, 5);
            long before = 0;
            for (int i = 0; i < 30; i++) {
                try (TensorScope scope = TensorScope.open()) {
                    objective.backward(rows(i), 1, Arithmetic.FP32);
                    own.all().values().forEach(Tensor::clearGrad);
                }
                before = i == 1 ? LiveTensors.count() : before;
            }
            assertThat(LiveTensors.count()).isEqualTo(before);
        }
    }

    /** Rows in an order of their own, each read from the file again. */
    @Test
    void keptAnswersAreThoseOfTheTeacherThatReadsAlong(@TempDir Path folder) {
        Path file = folder.resolve("deeper/answers.safetensors");
        try (ParameterStore store = ParameterStore.fresh(7)) {
            LiveTeacher live = teacher(store, 1, 8);
            KeptAnswers.Batches batches = batches(rows(1), rows(2));
            assertThat(KeptAnswers.open(file, "one", VOCABULARY, batches)).isEmpty();
            KeptAnswers.write(file, "one", live, 8, batches, done -> {});
            assertThat(KeptAnswers.bytes(batches, 8)).isEqualTo((rows(1).weight() + rows(2).weight()) * 8 * 6);
            assertThat(KeptAnswers.open(file, "other teacher", VOCABULARY, batches))
                    .isEmpty();
            assertThat(KeptAnswers.open(file, "one", VOCABULARY, batches(rows(3))))
                    .isEmpty();
            try (KeptAnswers kept =
                    KeptAnswers.open(file, "one", VOCABULARY, batches).orElseThrow()) {
                Outcome along = outcome(
                        true, student -> objective(student, live, 1, 0.1, 5).backward(rows(2), 1, Arithmetic.FP32));
                Outcome read = outcome(
                        true, student -> objective(student, kept, 1, 0.1, 5).backward(rows(2), 1, Arithmetic.FP32));
                assertThat(read.loss()).isCloseTo(along.loss(), org.assertj.core.data.Offset.offset(0.01));
                // Shares are rounded to half precision.
                along.gradients().forEach((name, gradient) -> {
                    float[] other = Objects.requireNonNull(read.gradients().get(name));
                    double difference = 0;
                    double norm = 0;
                    for (int i = 0; i < gradient.length; i++) {
                        difference += Math.pow(gradient[i] - other[i], 2);
                        norm += Math.pow(gradient[i], 2);
                    }
                    assertThat(Math.sqrt(difference / norm)).as(name).isLessThan(1e-3);
                });
                Outcome byRow = outcome(true, student -> {
                    double loss = 0;
                    DistilledNextToken objective = objective(student, kept, 1, 0.1, 5);
                    for (TokenRows one : rows(2).split(1)) {
                        loss += objective.backward(one, 1, Arithmetic.FP32);
                    }
                    return loss;
                });
                same(byRow, read);
                long before = LiveTensors.count();
                for (int i = 0; i < 20; i++) {
                    try (TensorScope scope = TensorScope.open()) {
                        assertThat(kept.answers(rows(1))).isNotNull();
                    }
                }
                assertThat(LiveTensors.count()).isEqualTo(before);
            }
        }
    }

    @Test
    void aDamagedFileIsNotRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("answers.safetensors");
        try (ParameterStore store = ParameterStore.fresh(7);
                TensorScope scope = TensorScope.open()) {
            KeptAnswers.Batches batches = batches(rows(1));
            KeptAnswers.write(file, "one", teacher(store, 1, 4), 4, batches, done -> {});
            byte[] whole = Files.readAllBytes(file);
            Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 9));
            assertThat(KeptAnswers.open(file, "one", VOCABULARY, batches)).isEmpty();
            Files.write(file, whole);
            // A smaller vocabulary than the answers are of.
            try (KeptAnswers kept = KeptAnswers.open(file, "one", 2, batches).orElseThrow()) {
                assertThatThrownBy(() -> kept.answers(rows(1)))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("of a vocabulary of 2; the file is damaged");
            }
        }
    }

    private static KeptAnswers.Batches batches(TokenRows... rows) {
        return new KeptAnswers.Batches() {
            @Override
            public int count() {
                return rows.length;
            }

            @Override
            public TokenRows batch(int number) {
                return rows[number];
            }
        };
    }
}
