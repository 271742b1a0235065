package dev.shoestring.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.Close;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LowRankAdaptationTest {
    @ParameterizedTest
    @CsvSource({
        "resnet20, 16, false",
        "mobilenetv2_035, 32, true",
        "mobilenetv2_035, 32, false",
        "vit_tiny_patch16, 32, false"
    })
    void everyLayerLearnsAndMergingChangesNothing(String name, int size, boolean same) {
        List<Double> half = List.of(0.5, 0.5, 0.5);
        ImageConfig config = new ImageConfig(name, 3, size, half, half, 0, 1e-5, same);
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            ImageNetwork network = ImageNetworks.of(config, 4, store);
            List<List<String>> stages = network.stages();
            RandomState.seed(5);
            Tensor x = Tensor.zeros(DType.FLOAT32, 3, 3, size, size).fillNormal(0, 1);
            float[] before = network.logits(x, Mode.EVALUATE).toFloats();
            LowRankAdaptation.apply(store, stages.get(stages.size() - 1), new AdaptSpec.Lora(2, 4));
            Close.fp32(
                    "an update begins at nothing",
                    network.logits(x, Mode.EVALUATE).toFloats(),
                    before);

            network.logits(x, Mode.TRAIN)
                    .crossEntropySum(Tensor.of(new long[] {0, 1, 3}, 3), 0)
                    .backward();
            int updates = 0;
            for (Map.Entry<String, Tensor> parameter : store.trainable().entrySet()) {
                if (parameter.getKey().endsWith(".lora_B")) {
                    Tensor gradient =
                            Objects.requireNonNull(parameter.getValue().grad(), parameter.getKey());
                    assertThat(gradient.norm().item()).as(parameter.getKey()).isPositive();
                    parameter.getValue().fillNormal(0, 0.05);
                    updates++;
                }
            }
            assertThat(updates).isGreaterThan(10);
            float[] adapted = network.logits(x, Mode.EVALUATE).toFloats();
            assertThat(adapted).isNotEqualTo(before);

            Map<String, Tensor> merged = LowRankAdaptation.merged(store);
            assertThat(merged.keySet()).noneMatch(key -> key.contains("lora"));
            try (ParameterStore plain = new ParameterStore(merged::get, 0)) {
                ImageNetwork reopened = ImageNetworks.of(config, 4, plain);
                assertThat(plain.initialized()).isEmpty();
                Close.fp32("merged", reopened.logits(x, Mode.EVALUATE).toFloats(), adapted);
            }
        }
    }
}
