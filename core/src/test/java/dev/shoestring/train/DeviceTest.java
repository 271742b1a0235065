package dev.shoestring.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.models.AttentionContext;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.TinyDecoders;
import dev.shoestring.models.Visibility;
import dev.shoestring.nn.Initializer;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Muon;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Sgd;
import dev.shoestring.tensor.Device;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A decoder's blocks and the optimizers on LibTorch's device without values, which has a part of the operators (neither lookups nor
 * convolutions): an operator whose tensors are not all there fails, so nothing that a step makes takes the processors for granted.
 */
final class DeviceTest {
    @BeforeEach
    void leaveTheHost() {
        Device.META.use();
    }

    @AfterEach
    void comeBack() {
        Device.CPU.use();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama-biased", "qwen3", "mistral"})
    void blocksRunForwardAndBackwardWhereTheyAreMade(String variant) throws IOException {
        DecoderConfig config = DecoderConfigs.read(TinyDecoders.json(variant), variant);
        try (ParameterStore store = ParameterStore.fresh(1);
                TensorScope scope = TensorScope.open()) {
            Decoder decoder = new Decoder(config, store);
            AttentionContext context = Visibility.of(decoder, new int[][] {{0}, {0, 2}}, 4);
            Tensor x_BTD = Tensor.full(1, 2, 4, config.hiddenSize());
            for (Decoder.Block block : decoder.blocks()) {
                x_BTD = block.forward(x_BTD, context);
            }
            decoder.scores(decoder.finish(x_BTD)).sum().backward();
            assertThat(store.trainable()).hasSizeGreaterThan(config.numLayers() * 9);
            store.trainable().forEach((name, parameter) -> {
                assertThat(parameter.device()).as(name).isEqualTo(Device.META);
                if (parameter == decoder.embeddings() && !config.tied()) {
                    return; // looked up by none
                }
                Tensor gradient = Objects.requireNonNull(parameter.grad(), name);
                assertThat(gradient.device()).as(name).isEqualTo(Device.META);
            });
        }
    }

    @Test
    void optimizersKeepTheirStateThere() {
        for (Function<List<ParameterGroup>, Optimizer> kind : List.<Function<List<ParameterGroup>, Optimizer>>of(
                groups -> new Sgd(groups, 0.9),
                groups -> new Muon(groups, 0.95, false),
                groups -> new Muon(groups, 0.95, true))) {
            try (ParameterStore store = ParameterStore.fresh(1);
                    TensorScope scope = TensorScope.open()) {
                Tensor matrix = store.parameter("matrix", new Initializer.Normal(1), 6, 4);
                matrix.mul(matrix).sum().backward();
                try (Optimizer optimizer = kind.apply(List.of(new ParameterGroup(store.trainable(), 1e-3, 0.01)))) {
                    optimizer.step(1);
                    assertThat(optimizer.state()).isNotEmpty().allSatisfy((name, state) -> assertThat(state.device())
                            .isEqualTo(Device.META));
                }
            }
        }
    }

    @Test
    void whatJavaGivesGoesThereAndValuesCannotBeReadBack() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor given = Tensor.of(new float[] {1, 2}, 2);
            assertThat(given.device()).isEqualTo(Device.META);
            assertThat(given.add(Tensor.full(1, 2)).device()).isEqualTo(Device.META);
            assertThatThrownBy(given::toFloats).isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void aDeviceThatIsNotThereIsRefused() {
        if (Device.CUDA.available()) {
            assertThat(Device.CUDA.use()).isEqualTo(Device.META);
        } else {
            assertThatThrownBy(Device.CUDA::use)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("CUDA is not available");
            assertThat(Device.current()).isEqualTo(Device.META);
        }
    }
}
