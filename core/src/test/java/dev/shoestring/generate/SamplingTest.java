package dev.shoestring.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.data.SplitMix;
import dev.shoestring.recipe.InputException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against Transformers ({@code compat/make_sampling_fixtures.py}), and against a plain version that puts all in order. */
final class SamplingTest {
    @Test
    void probabilitiesEqualThoseOfTransformers() throws Exception {
        JsonNode cases;
        try (InputStream in = Objects.requireNonNull(SamplingTest.class.getResourceAsStream("sampling.json"))) {
            cases = new ObjectMapper().readTree(in);
        }
        assertThat(cases).hasSize(60);
        for (JsonNode one : cases) {
            JsonNode settings = one.get("settings");
            float[] logits = floats(one.get("logits"));
            SeenPieces seen = new SeenPieces();
            one.get("seen").forEach(id -> seen.add(id.intValue()));
            double penalty = settings.get("repetition_penalty").asDouble();
            if (penalty != 1) {
                seen.penalize(logits, penalty);
            }
            double[] actual = normalized(new Sampling.Drawn(
                            settings.get("temperature").asDouble(),
                            settings.get("top_k").asInt(),
                            settings.get("top_p").asDouble(),
                            settings.get("min_p").asDouble())
                    .weights(logits));
            for (int id = 0; id < actual.length; id++) {
                assertThat(actual[id])
                        .as(settings + " at " + id)
                        .isCloseTo(one.get("probabilities").get(id).asDouble(), within(1e-6));
            }
        }
    }

    @Test
    void probabilitiesEqualThoseOfAPlainVersion() {
        SplitMix random = SplitMix.of(5);
        for (int round = 0; round < 300; round++) {
            float[] logits = normal(1 + random.nextInt(400), random);
            double temperature = 0.2 + 2 * random.nextDouble();
            int topK = random.nextInt(3) == 0 ? 0 : random.nextInt(2 * logits.length);
            double topP = random.nextInt(3) == 0 ? 1 : Math.max(1e-6, random.nextDouble());
            double minP = random.nextInt(2) == 0 ? 0 : random.nextDouble() * 0.3;
            double[] actual = normalized(new Sampling.Drawn(temperature, topK, topP, minP).weights(logits));
            assertThat(actual).containsExactly(plain(logits, temperature, topK, topP, minP), within(1e-9));
        }
    }

    /** Everything sorted, one rule after the other. */
    private static double[] plain(float[] logits, double temperature, int topK, double topP, double minP) {
        int[] order = IntStream.range(0, logits.length)
                .boxed()
                .sorted((a, b) -> Float.compare(logits[b], logits[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        int kept = topK == 0 ? order.length : Math.min(topK, order.length);
        double[] weights = new double[logits.length];
        for (int i = 0; i < kept; i++) {
            weights[order[i]] = Math.exp(logits[order[i]] / temperature);
        }
        double[] first = normalized(weights);
        double before = 0;
        for (int id : order) {
            if (topP < 1 && before >= topP) {
                weights[id] = 0;
            }
            before += first[id];
        }
        double best = weights[order[0]];
        for (int id : order) {
            if (weights[id] < minP * best) {
                weights[id] = 0;
            }
        }
        return normalized(weights);
    }

    @Test
    void oneCandidateIsTheBest() {
        SplitMix random = SplitMix.of(6);
        Sampling.Greedy greedy = new Sampling.Greedy();
        for (int round = 0; round < 200; round++) {
            float[] logits = normal(1 + random.nextInt(2000), random);
            int best = greedy.next(logits, random);
            assertThat(new Sampling.Drawn(1, 1, 1, 0).next(logits, random)).isEqualTo(best);
            assertThat(new Sampling.Drawn(1, 0, 1e-9, 0).next(logits, random)).isEqualTo(best);
            assertThat(new Sampling.Drawn(1, 0, 1, 1).next(logits, random)).isEqualTo(best);
            assertThat(new Sampling.Drawn(1e-3, 0, 1, 0).next(logits, random)).isEqualTo(best);
        }
    }

    @Test
    void drawsFollowTheProbabilities() {
        float[] logits = {1, 0, 2, -1, 0.5f};
        Sampling.Drawn drawn = new Sampling.Drawn(0.7, 4, 1, 0);
        double[] expected = normalized(drawn.weights(logits));
        int[] counts = new int[logits.length];
        SplitMix random = SplitMix.of(7);
        int draws = 100_000;
        for (int i = 0; i < draws; i++) {
            counts[drawn.next(logits, random)]++;
        }
        for (int id = 0; id < counts.length; id++) {
            // Five standard deviations of a count.
            double spread = 5 * Math.sqrt(expected[id] * (1 - expected[id]) / draws);
            assertThat(counts[id] / (double) draws).isCloseTo(expected[id], within(spread));
        }
        assertThat(counts[3]).isZero();
    }

    @Test
    void equalScoresAtTheBorderAllStay() {
        float[] logits = {0, 1, 0, 0};
        assertThat(new Sampling.Drawn(1, 2, 1, 0).weights(logits)).doesNotContain(0);
        assertThat(new Sampling.Greedy().next(new float[] {0, 3, 3}, SplitMix.of(1)))
                .isEqualTo(1);
    }

    @Test
    void scoresThatAreNoNumbersAreRefused() {
        for (float[] logits :
                List.of(new float[] {Float.NaN, Float.NaN}, new float[] {0, Float.POSITIVE_INFINITY}, new float[] {
                    Float.NEGATIVE_INFINITY
                })) {
            for (Sampling sampling : List.of(new Sampling.Greedy(), Sampling.Drawn.at(1))) {
                assertThatThrownBy(() -> sampling.next(logits, SplitMix.of(1)))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("no finite numbers");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 1, 0, temperature",
        "NaN, 0, 1, 0, temperature",
        "1, -1, 1, 0, top_k",
        "1, 0, 0, 0, top_p",
        "1, 0, 1.1, 0, top_p",
        "1, 0, 1, -0.1, min_p",
        "1, 0, 1, NaN, min_p"
    })
    void impossibleSettingsAreRefused(double temperature, int topK, double topP, double minP, String named) {
        assertThatThrownBy(() -> new Sampling.Drawn(temperature, topK, topP, minP))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(named);
    }

    @Test
    void impossibleLimitsAreRefused() {
        GenerationSettings settings = GenerationSettings.greedy(1);
        assertThatThrownBy(() -> settings.withMaxNewTokens(0)).hasMessageStartingWith("max_new_tokens");
        assertThatThrownBy(() -> settings.withRepetitionPenalty(0)).hasMessageStartingWith("repetition_penalty");
        assertThatThrownBy(() -> settings.withStop(List.of(""))).hasMessageStartingWith("stop");
    }

    private static float[] normal(int count, SplitMix random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (3 * random.nextGaussian());
        }
        return values;
    }

    private static double[] normalized(double[] weights) {
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).floatValue();
        }
        return values;
    }
}
