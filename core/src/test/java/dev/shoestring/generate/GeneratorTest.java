package dev.shoestring.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.data.SplitMix;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.RotaryPositions;
import dev.shoestring.models.TinyDecoders;
import dev.shoestring.models.Visibility;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Transformers ({@code compat/make_decoder_fixtures.py}), and against the decoder without a cache. */
final class GeneratorTest {
    private static final int PIECES = 40;

    private static Generator generator(Decoder decoder, Integer... ends) {
        return new Generator(decoder, DType.FLOAT32, decoder.config().vocabSize(), Set.of(ends));
    }

    private static Continuation only(Generator generator, int[] prompt, GenerationSettings settings) {
        return generator
                .generate(List.of(prompt), settings, TokenListener.none())
                .get(0);
    }

    private static List<Integer> boxed(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama-biased", "mistral", "qwen2", "qwen3"})
    void theMostProbableTokensAreThoseOfTransformers(String name) throws Exception {
        try (TinyDecoders tiny = TinyDecoders.open(name)) {
            int[] prompt = Arrays.copyOf(tiny.numbers("ids"), 5);
            GenerationSettings settings = GenerationSettings.greedy(16);
            Continuation plain = only(generator(tiny.decoder()), prompt, settings);
            assertThat(plain.ids()).isEqualTo(boxed(tiny.numbers("generated")));
            assertThat(plain.reason()).isEqualTo(EndReason.LENGTH);
            Continuation penalized = only(generator(tiny.decoder()), prompt, settings.withRepetitionPenalty(1.5));
            assertThat(penalized.ids()).isEqualTo(boxed(tiny.numbers("penalized")));
        }
    }

    /** Rows of different lengths that end at different times, more of them than go at once. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3"})
    void aBatchGivesWhatEachRowGivesAlone(String name) throws Exception {
        try (TinyDecoders tiny = TinyDecoders.open(name)) {
            SplitMix random = SplitMix.of(2);
            List<int[]> prompts = new ArrayList<>();
            for (int i = 0; i < 21; i++) {
                prompts.add(random.ints(1 + random.nextInt(12), 0, PIECES).toArray());
            }
            for (GenerationSettings settings : List.of(
                    GenerationSettings.greedy(20),
                    GenerationSettings.greedy(20)
                            .withSampling(Sampling.Drawn.at(0.9))
                            .withSeed(4))) {
                List<Continuation> together =
                        generator(tiny.decoder(), 2, 31).generate(prompts, settings, TokenListener.none());
                for (int i = 0; i < prompts.size(); i++) {
                    assertThat(together.get(i))
                            .as("row " + i)
                            .isEqualTo(only(generator(tiny.decoder(), 2, 31), prompts.get(i), settings));
                }
                Collections.reverse(prompts);
                List<Continuation> reversed = new ArrayList<>(
                        generator(tiny.decoder(), 2, 31).generate(prompts, settings, TokenListener.none()));
                Collections.reverse(prompts);
                Collections.reverse(reversed);
                assertThat(reversed).isEqualTo(together);
            }
        }
    }

    @Test
    void equalPromptsDrawDifferently() throws Exception {
        try (TinyDecoders tiny = TinyDecoders.open("qwen3")) {
            GenerationSettings settings = GenerationSettings.greedy(12).withSampling(Sampling.Drawn.at(2));
            List<Continuation> rows = generator(tiny.decoder())
                    .generate(List.of(new int[] {3}, new int[] {3}), settings, TokenListener.none());
            assertThat(rows.get(0)).isNotEqualTo(rows.get(1));
            assertThat(only(generator(tiny.decoder()), new int[] {3}, settings)).isEqualTo(rows.get(0));
            assertThat(only(generator(tiny.decoder()), new int[] {3}, settings.withSeed(1)))
                    .isNotEqualTo(rows.get(0));
        }
    }

    private static Decoder random(ParameterStore store, int positions, int window) {
        return new Decoder(
                new DecoderConfig(
                        "mistral",
                        60,
                        32,
                        3,
                        4,
                        2,
                        8,
                        48,
                        positions,
                        1e-5,
                        new RotaryPositions.Plain(10_000),
                        true,
                        DecoderConfig.Biases.NONE,
                        false,
                        List.of(window, 0, window),
                        0.3),
                store);
    }

    /** A prompt that goes through in several pieces, through sliding windows, gives what the whole without a cache gives. */
    @Test
    void longPromptsThroughTheCacheGiveWhatTheWholeGives() {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                ParameterStore store = ParameterStore.fresh(3)) {
            Decoder decoder = random(store, 2000, 100);
            int[] ids = SplitMix.of(8).ints(1300, 0, 60).toArray();
            List<Integer> made =
                    only(generator(decoder), ids, GenerationSettings.greedy(4)).ids();
            int[] whole = Arrays.copyOf(ids, ids.length + made.size());
            for (int i = 0; i < made.size(); i++) {
                whole[ids.length + i] = made.get(i);
            }
            long[] best = decoder.logits(
                            Tensor.of(whole, 1, whole.length), Visibility.of(decoder, new int[][] {{0}}, whole.length))
                    .argmax(-1)
                    .toLongs();
            for (int i = 0; i < made.size(); i++) {
                assertThat((long) made.get(i)).isEqualTo(best[ids.length - 1 + i]);
            }
        }
    }

    @Test
    void logProbabilitiesAreThoseOfTheWhole() {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                ParameterStore store = ParameterStore.fresh(3)) {
            Decoder decoder = random(store, 2000, 100);
            int[] ids = SplitMix.of(8).ints(700, 0, 60).toArray();
            Tensor scores = decoder.logits(
                    Tensor.of(ids, 1, ids.length), Visibility.of(decoder, new int[][] {{0}}, ids.length));
            float[] expected = scores.logSoftmax(-1).toFloats();
            double[] actual = generator(decoder).logProbabilities(ids);
            assertThat(actual).hasSize(699);
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i * 60 + ids[i + 1]], within(1e-4));
            }
        }
    }

    @Test
    void tensorsStayFlatOverAThousandTokens() {
        try (ParameterStore store = ParameterStore.fresh(3)) {
            Decoder decoder = random(store, 2000, 0);
            long before = LiveTensors.count();
            List<Long> counts = new ArrayList<>();
            only(generator(decoder), new int[] {1, 2}, GenerationSettings.greedy(2));
            generator(decoder).generate(List.of(new int[] {1, 2, 3}), GenerationSettings.greedy(1000), (row, id) -> {
                counts.add(LiveTensors.count());
                return true;
            });
            assertThat(counts).hasSize(1000);
            assertThat(Set.copyOf(counts)).hasSize(1);
            assertThat(LiveTensors.count()).isEqualTo(before);
        }
    }

    @Test
    void theContextEndsTheTextAndRefusesThePrompt() throws Exception {
        try (TinyDecoders tiny = TinyDecoders.open("qwen3")) {
            int[] prompt = new int[60];
            Arrays.fill(prompt, 7);
            List<Continuation> both = generator(tiny.decoder())
                    .generate(List.of(new int[] {7}, prompt), GenerationSettings.greedy(100), TokenListener.none());
            assertThat(both.get(0).ids()).hasSize(63);
            assertThat(both.get(1).ids()).hasSize(4);
            assertThat(both).extracting(Continuation::reason).containsOnly(EndReason.CONTEXT);
            assertThatThrownBy(() -> only(generator(tiny.decoder()), new int[64], GenerationSettings.greedy(1)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("has 64 tokens")
                    .hasMessageContaining("trained for 64 (max_position_embeddings)");
            assertThatThrownBy(() -> only(generator(tiny.decoder()), new int[] {40}, GenerationSettings.greedy(1)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("the token 40");
            assertThatThrownBy(() -> only(generator(tiny.decoder()), new int[0], GenerationSettings.greedy(1)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("is empty");
        }
    }

    @Test
    void aListenerEndsARowOrAll() throws Exception {
        try (TinyDecoders tiny = TinyDecoders.open("qwen3")) {
            int[] heard = new int[2];
            TokenListener listener = new TokenListener() {
                @Override
                public boolean accept(int row, int id) {
                    return ++heard[row] < 3 || row == 1;
                }

                @Override
                public boolean goesOn() {
                    return heard[1] < 5;
                }
            };
            List<Continuation> rows = generator(tiny.decoder())
                    .generate(List.of(new int[] {3, 4}, new int[] {5}), GenerationSettings.greedy(50), listener);
            assertThat(rows.get(0).reason()).isEqualTo(EndReason.STOP);
            assertThat(rows.get(0).ids()).hasSize(3);
            assertThat(rows.get(1).reason()).isEqualTo(EndReason.INTERRUPTED);
            assertThat(rows.get(1).ids()).hasSize(5);
        }
    }

    @Test
    void piecesThatTheTokenizerLacksAreNotChosen() throws Exception {
        try (TinyDecoders tiny = TinyDecoders.open("llama")) {
            int[] prompt = Arrays.copyOf(tiny.numbers("ids"), 5);
            Generator generator = new Generator(tiny.decoder(), DType.FLOAT32, 31, Set.of());
            assertThat(only(generator, prompt, GenerationSettings.greedy(16)).ids())
                    .allMatch(id -> id < 31);
        }
    }
}
