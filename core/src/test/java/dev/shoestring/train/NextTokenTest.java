package dev.shoestring.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.Close;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.RotaryPositions;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loss of the next token: by chunks, with blocks computed again, packed, in micro-batches: always the same gradient. */
final class NextTokenTest {
    private static final int VOCABULARY = 50;
    private static final int TOKENS = 24;

    private static DecoderConfig config(boolean tied) {
        return new DecoderConfig(
                "llama",
                VOCABULARY,
                32,
                3,
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
                Collections.nCopies(3, 0),
                0.2);
    }

    private static TokenRows rows(int count, int[]... starts) {
        Random random = new Random(5);
        int[][] ids = new int[count][TOKENS];
        int[][] targets = new int[count][TOKENS];
        for (int row = 0; row < count; row++) {
            for (int i = 0; i < TOKENS; i++) {
                ids[row][i] = random.nextInt(VOCABULARY);
                targets[row][i] = random.nextInt(4) == 0 ? TokenRows.NONE : random.nextInt(VOCABULARY);
            }
        }
        return new TokenRows(ids, targets, starts, count, 0, 0, 9);
    }

    private record Outcome(double loss, Map<String, float[]> gradients) {}

    private static Outcome outcome(boolean tied, int chunk, boolean checkpointing, double neftune, TokenRows... parts) {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Decoder decoder = new Decoder(config(tied), store);
            NextToken objective = new NextToken(
                    new DecoderPass(decoder, Arithmetic.FP32, checkpointing, neftune),
                    new TokenLoss(decoder, Arithmetic.FP32, chunk, 1e-3));
            double weight = 0;
            for (TokenRows part : parts) {
                weight += part.weight();
            }
            double loss = 0;
            for (TokenRows part : parts) {
                loss += objective.backward(part, weight, Arithmetic.FP32);
            }
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void chunksAndRecomputationChangeNothing(boolean tied) {
        TokenRows rows = rows(3, new int[] {0}, new int[] {0, 7, 8}, new int[] {0, 20});
        Outcome whole = outcome(tied, 1000, false, 0, rows);
        assertThat(whole.loss()).isGreaterThan(1);
        same(outcome(tied, 5, false, 0, rows), whole);
        same(outcome(tied, 1, true, 0, rows), whole);
    }

    @Test
    void noiseIsTheSameWhenBlocksAreComputedAgain() {
        TokenRows rows = rows(2, new int[] {0}, new int[] {0});
        Outcome plain = outcome(true, 1000, false, 0, rows);
        Outcome noisy = outcome(true, 1000, false, 5, rows);
        assertThat(Math.abs(noisy.loss() - plain.loss())).isGreaterThan(1e-4);
        same(outcome(true, 1000, true, 5, rows), noisy);
    }

    @Test
    void anySplitIntoMicroBatchesGivesTheSameGradient() {
        Random random = new Random(1);
        int[][] ids = new int[4][TOKENS];
        int[][] targets = new int[4][TOKENS];
        int[][] starts = new int[4][];
        TokenRows[] single = new TokenRows[4];
        for (int row = 0; row < 4; row++) {
            for (int i = 0; i < TOKENS; i++) {
                ids[row][i] = random.nextInt(VOCABULARY);
                targets[row][i] = i < 6 * row ? TokenRows.NONE : random.nextInt(VOCABULARY);
            }
            starts[row] = new int[] {0};
            single[row] =
                    new TokenRows(new int[][] {ids[row]}, new int[][] {targets[row]}, new int[][] {{0}}, 1, 0, 0, 0);
        }
        same(
                outcome(true, 7, false, 0, single),
                outcome(true, 7, false, 0, new TokenRows(ids, targets, starts, 4, 0, 0, 0)));
    }

    /** Documents packed into one row against the same documents in rows of their own. */
    @Test
    void packedDocumentsGiveTheLossOfSingleOnes() {
        Random random = new Random(2);
        int half = TOKENS / 2;
        int[][] ids = new int[2][half];
        int[][] targets = new int[2][half];
        int[] packedIds = new int[TOKENS];
        int[] packedTargets = new int[TOKENS];
        for (int row = 0; row < 2; row++) {
            for (int i = 0; i < half; i++) {
                ids[row][i] = random.nextInt(VOCABULARY);
                targets[row][i] = random.nextInt(VOCABULARY);
                packedIds[row * half + i] = ids[row][i];
                packedTargets[row * half + i] = targets[row][i];
            }
        }
        TokenRows packed = new TokenRows(
                new int[][] {packedIds}, new int[][] {packedTargets}, new int[][] {{0, half}}, 2, 0, 0, 0);
        TokenRows single = new TokenRows(ids, targets, new int[][] {{0}, {0}}, 2, 0, 0, 0);
        same(outcome(false, 9, false, 0, packed), outcome(false, 9, false, 0, single));
    }

    @Test
    void rowsApartAndTogetherGiveTheSameLoss() {
        TokenRows whole =
                rows(5, new int[] {0}, new int[] {0, 7, 8}, new int[] {0, 20}, new int[] {0}, new int[] {0, 3});
        List<TokenRows> parts = whole.split(2);
        assertThat(parts).hasSize(3);
        same(outcome(true, 9, false, 0, parts.toArray(new TokenRows[0])), outcome(true, 9, false, 0, whole));
        same(outcome(true, 9, false, 0, TokenRows.together(parts)), outcome(true, 9, false, 0, whole));
        // A shorter row is filled up with what changes nothing.
        TokenRows shorter =
                new TokenRows(new int[][] {{4, 9, 1}}, new int[][] {{9, 1, 7}}, new int[][] {{0}}, 1, 0, 0, 0);
        TokenRows filled = TokenRows.together(List.of(whole, shorter));
        assertThat(filled.length()).isEqualTo(TOKENS);
        assertThat(filled.weight()).isEqualTo(whole.weight() + 3);
        assertThat(filled.realTokens()).isEqualTo(whole.realTokens() + 3);
        same(outcome(false, 9, false, 0, filled), outcome(false, 9, false, 0, whole, shorter));
    }

    @Test
    void equalRowsHaveEqualKeys() {
        TokenRows rows = rows(3, new int[] {0}, new int[] {0, 7}, new int[] {0});
        for (int row = 0; row < 3; row++) {
            assertThat(rows.split(1).get(row).key(0)).isEqualTo(rows.key(row));
        }
        assertThat(List.of(rows.key(0), rows.key(1), rows.key(2))).doesNotHaveDuplicates();
        assertThat(rows(3, new int[] {0}, new int[] {0, 8}, new int[] {0}).key(1))
                .isNotEqualTo(rows.key(1));
    }

    @Test
    void whatIsMeasuredIsWhatIsTrainedOn() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Decoder decoder = new Decoder(config(true), store);
            NextToken objective = new NextToken(
                    new DecoderPass(decoder, Arithmetic.FP32, false, 0),
                    new TokenLoss(decoder, Arithmetic.FP32, 10, 0));
            TokenRows rows = rows(2, new int[] {0}, new int[] {0, 3});
            Tensor measured = objective.lossSum(rows);
            double trained = objective.backward(rows, 1, Arithmetic.FP32);
            Close.fp32("sum", new float[] {(float) trained}, new float[] {(float) measured.item()});
        }
    }
}
