package dev.shoestring.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.Close;
import dev.shoestring.adapt.DecoderAdaptation;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.RotaryPositions;
import dev.shoestring.models.Visibility;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gradient of preference tuning by parts against that of the formula written out in tensors. */
final class PreferenceTest {
    private static final int VOCABULARY = 40;
    private static final int TOKENS = 18;
    private static final int PAIRS = 3;
    private static final PreferenceLoss LOSS = new PreferenceLoss(0.2, 0.05, 0.3);

    enum Adapted {
        FULL,
        LORA,
        DORA
    }

    private record Outcome(double loss, Map<String, float[]> gradients) {}

    private static Decoder decoder(ParameterStore store, Adapted adapted) {
        DecoderConfig config = new DecoderConfig(
                "llama",
                VOCABULARY,
                32,
                2,
                4,
                2,
                8,
                48,
                64,
                1e-5,
                new RotaryPositions.Plain(10_000),
                true,
                DecoderConfig.Biases.NONE,
                false,
                Collections.nCopies(2, 0),
                0.2);
        Decoder decoder = new Decoder(config, store);
        if (adapted != Adapted.FULL) {
            DecoderAdaptation.apply(store, new AdaptSpec.Lora(4, 8, List.of(), adapted == Adapted.DORA, false));
            // Updates begin at nothing, where half of their gradients vanish.
            try (NoGrad guard = NoGrad.on()) {
                store.trainable().forEach((name, parameter) -> {
                    if (name.endsWith("lora_B")) {
                        parameter.fillUniform(-0.1, 0.1);
                    }
                });
            }
        }
        return decoder;
    }

    private static PairRows rows(int first, int pairs) {
        int[][] ids = new int[2 * pairs][TOKENS];
        int[][] targets = new int[2 * pairs][TOKENS];
        PreferenceLoss.Answers[] before = new PreferenceLoss.Answers[pairs];
        for (int row = 0; row < ids.length; row++) {
            Random random = new Random(100 + 2 * first + row);
            Arrays.fill(targets[row], TokenRows.NONE);
            int answer = 3 + random.nextInt(5);
            int end = 10 + random.nextInt(TOKENS - 10);
            for (int i = 0; i < end; i++) {
                ids[row][i] = random.nextInt(VOCABULARY);
                if (i >= answer) {
                    targets[row][i - 1] = ids[row][i];
                }
            }
            before[row / 2] = new PreferenceLoss.Answers(-20 - random.nextInt(10), -22 - random.nextInt(10));
        }
        int[][] starts = new int[ids.length][1];
        return new PairRows(new TokenRows(ids, targets, starts, pairs, 0, 0, 0), List.of(before));
    }

    private static Map<String, float[]> gradients(ParameterStore store) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        store.trainable()
                .forEach((name, parameter) -> gradients.put(
                        name, Objects.requireNonNull(parameter.grad(), name).toFloats()));
        return gradients;
    }

    private static Outcome byParts(Adapted adapted, int chunk, boolean checkpointing, PairRows... parts) {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(7)) {
            Decoder decoder = decoder(store, adapted);
            Preference objective = new Preference(
                    new DecoderPass(decoder, Arithmetic.FP32, checkpointing, 0),
                    new TokenLoss(decoder, Arithmetic.FP32, chunk, 0),
                    LOSS);
            double loss = 0;
            for (PairRows part : parts) {
                loss += objective.backward(part, PAIRS, Arithmetic.FP32);
            }
            return new Outcome(loss, gradients(store));
        }
    }

    private static Outcome writtenOut(Adapted adapted, PairRows rows) {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(7)) {
            Decoder decoder = decoder(store, adapted);
            TokenRows tokens = rows.tokens();
            Tensor hidden_ND = decoder.hidden(tokens.ids(), Visibility.of(decoder, tokens.starts(), TOKENS))
                    .reshape(-1, 32);
            int[] places = tokens.places();
            Tensor losses_C = decoder.scores(hidden_ND.indexSelect(0, Tensor.of(places, places.length)))
                    .crossEntropyEach(Tensor.of(tokens.targetsAt(places), places.length));
            Tensor total = Tensor.zeros(dev.shoestring.tensor.DType.FLOAT32, 1);
            for (int pair = 0; pair < PAIRS; pair++) {
                PreferenceLoss.Answers before = rows.before().get(pair);
                Tensor chosen = ofRow(losses_C, places, 2 * pair);
                Tensor rejected = ofRow(losses_C, places, 2 * pair + 1);
                Tensor margin = rejected.sub(chosen)
                        .add(before.rejected() - before.chosen())
                        .mul(LOSS.beta())
                        .reshape(1, 1);
                // −log σ(h) is the cross-entropy of the first of the scores (h, 0).
                Tensor scores = Tensor.cat(List.of(margin, Tensor.zeros(dev.shoestring.tensor.DType.FLOAT32, 1, 1)), 1);
                Tensor right = scores.crossEntropyEach(Tensor.of(new int[] {0}, 1));
                Tensor wrong = scores.crossEntropyEach(Tensor.of(new int[] {1}, 1));
                total = total.add(right.mul(1 - LOSS.labelSmoothing()))
                        .add(wrong.mul(LOSS.labelSmoothing()))
                        .add(chosen.mul(LOSS.sftWeight() / tokens.losses(2 * pair)));
            }
            Tensor mean = total.mul(1.0 / PAIRS).sum();
            mean.backward();
            return new Outcome(mean.item(), gradients(store));
        }
    }

    private static Tensor ofRow(Tensor losses_C, int[] places, int row) {
        int[] own = IntStream.range(0, places.length)
                .filter(i -> places[i] / TOKENS == row)
                .toArray();
        return losses_C.indexSelect(0, Tensor.of(own, own.length)).sum().reshape(1);
    }

    private static void same(Outcome actual, Outcome expected) {
        assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-5));
        assertThat(actual.gradients().keySet()).isEqualTo(expected.gradients().keySet());
        expected.gradients().forEach((name, gradient) -> {
            float[] own = Objects.requireNonNull(actual.gradients().get(name));
            Close.fp32Norm(name, own, gradient);
            for (int i = 0; i < gradient.length; i++) {
                assertThat(own[i]).as(name).isCloseTo(gradient[i], within(1e-5f));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Adapted.class)
    void gradientIsThatOfTheFormula(Adapted adapted) {
        Outcome expected = writtenOut(adapted, rows(0, PAIRS));
        same(byParts(adapted, 1000, false, rows(0, PAIRS)), expected);
        same(byParts(adapted, 7, true, rows(0, PAIRS)), expected);
    }

    @Test
    void anySplitOfPairsIntoMicroBatchesGivesTheSameGradient() {
        same(
                byParts(Adapted.FULL, 11, false, rows(0, 1), rows(1, 2)),
                byParts(Adapted.FULL, 11, false, rows(0, PAIRS)));
    }

    @Test
    void theReferenceAgainstItselfHasNoMarginAndTheLossOfAGuess() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(7)) {
            Decoder decoder = decoder(store, Adapted.FULL);
            Preference objective = new Preference(
                    new DecoderPass(decoder, Arithmetic.FP32, false, 0),
                    new TokenLoss(decoder, Arithmetic.FP32, 9, 0),
                    new PreferenceLoss(0.1, 0, 0));
            TokenRows tokens = rows(0, PAIRS).tokens();
            PairRows itself = new PairRows(tokens, objective.logProbabilities(tokens));
            PreferenceMetrics metrics = PreferenceMetrics.of(objective.measure(itself));
            assertThat(metrics.rewardMargin()).isZero();
            assertThat(metrics.accuracy()).isZero();
            assertThat(objective.lossSum(itself).item()).isCloseTo(PAIRS * Math.log(2), within(1e-5));
            assertThat(objective.backward(itself, PAIRS, Arithmetic.FP32)).isCloseTo(Math.log(2), within(1e-5));
        }
    }
}
