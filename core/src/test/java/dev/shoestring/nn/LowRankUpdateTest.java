package dev.shoestring.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dropout of low-rank updates: only in training, by seed, and without a change of what is to be expected. */
final class LowRankUpdateTest {
    private static final int IN = 32;
    private static final int OUT = 4;
    private static final int SEEDS = 1500;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void dropoutLeavesTheMeanAndHappensInTrainingAlone(boolean dora) {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(7)) {
            Linear layer = Linear.of(store, "layer", IN, OUT, true, 0.2);
            layer.adapt(new LowRankUpdate(
                    store,
                    "layer",
                    layer.weight(),
                    new LowRankUpdate.Settings(2, 1, dora, LowRankUpdate.Start.AS_PEFT, 0.25)));
            RandomState.seed(3);
            Objects.requireNonNull(store.all().get("layer.lora_B")).fillNormal(0, 0.5);
            if (dora) {
                Objects.requireNonNull(store.all().get("layer.lora_magnitude_vector"))
                        .mulInPlace(1.5);
            }
            Tensor x = Tensor.zeros(DType.FLOAT32, 1, IN).fillNormal(0, 1);
            float[] whole = layer.forward(x).toFloats();
            assertThat(layer.forward(x).toFloats()).isEqualTo(whole);
            assertThat(noisy(layer, x, 1)).isEqualTo(noisy(layer, x, 1)).isNotEqualTo(noisy(layer, x, 2));
            assertThat(noisy(layer, x, 1)).isNotEqualTo(whole);
            double[] mean = new double[OUT];
            for (int seed = 0; seed < SEEDS; seed++) {
                float[] one = noisy(layer, x, seed);
                for (int i = 0; i < OUT; i++) {
                    mean[i] += one[i] / SEEDS;
                }
            }
            for (int i = 0; i < OUT; i++) {
                assertThat(mean[i]).isCloseTo(whole[i], Offset.offset(0.15));
            }
            assertThat(layer.forward(x).toFloats()).isEqualTo(whole);
        }
    }

    private static float[] noisy(Linear layer, Tensor x, long seed) {
        try (TensorScope scope = TensorScope.open();
                TrainingNoise noise = TrainingNoise.of(seed)) {
            return layer.forward(x).toFloats();
        }
    }
}
