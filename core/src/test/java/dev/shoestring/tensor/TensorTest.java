package dev.shoestring.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class TensorTest {
    @Test
    void scopeFreesWhatIsNotKept() {
        long before = LiveTensors.count();
        Tensor kept;
        try (TensorScope outer = TensorScope.open()) {
            try (TensorScope inner = TensorScope.open()) {
                Tensor a = Tensor.full(2, 3, 4);
                kept = inner.keep(a.add(a.mul(3)));
            }
            assertThat(LiveTensors.count()).isEqualTo(before + 1);
            assertThat(kept.toFloats()).containsOnly(8f);
        }
        assertThat(LiveTensors.count()).isEqualTo(before);
        assertThatThrownBy(kept::sum)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("after its scope closed");
    }

    @Test
    void useAfterCloseNamesTheTensor() {
        Tensor tensor = Tensor.full(1, 2).named("encoder.layer.3.bias");
        tensor.close();
        tensor.close();
        assertThatThrownBy(tensor::numel).hasMessageContaining("encoder.layer.3.bias");
    }

    @Test
    void copiesInAnotherOrderHaveOneOwner() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor images = Tensor.full(1, 2, 3, 4, 4);
            assertThat(images.channelsLast().handle().use_count()).isEqualTo(1);
            assertThat(images.permute(0, 2, 3, 1).contiguous().handle().use_count())
                    .isEqualTo(1);
        }
    }

    @Test
    void unscopedTensorsOutliveTheirScope() {
        Tensor parameter;
        try (TensorScope scope = TensorScope.open()) {
            parameter = Tensor.of(new float[] {1, 2, 3}, 3).unscoped();
        }
        assertThat(parameter.toFloats()).containsExactly(1, 2, 3);
        parameter.close();
    }

    @Test
    void gradientsOfAProduct() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).requiresGrad(true);
            Tensor y = Tensor.of(new float[] {5, 6, 7, 8}, 2, 2).requiresGrad(true);
            x.matmul(y).sum().backward();
            assertThat(x.grad()).isNotNull();
            assertThat(Objects.requireNonNull(x.grad()).toFloats()).containsExactly(11, 15, 11, 15);
            assertThat(Objects.requireNonNull(y.grad()).toFloats()).containsExactly(4, 4, 6, 6);
            x.clearGrad();
            assertThat(x.grad()).isNull();
        }
    }

    @Test
    void fusedAdamWEqualsItsDefinition() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor parameter = Tensor.of(new float[] {1, -2}, 2);
            Tensor gradient = Tensor.of(new float[] {0.5f, 0.25f}, 2);
            Tensor m = Tensor.zeros(DType.FLOAT32, 2);
            Tensor v = Tensor.zeros(DType.FLOAT32, 2);
            Tensor step = Tensor.full(1, 1);
            FusedAdamW.update(
                    List.of(parameter),
                    List.of(gradient),
                    List.of(m),
                    List.of(v),
                    List.of(step),
                    new FusedAdamW.Settings(0.1, 0.9, 0.999, 0.01, 1e-8));
            // After one step the bias-corrected ratio m/sqrt(v) is the gradient's sign.
            assertThat(parameter.toFloats()[0])
                    .isCloseTo(1 * (1 - 0.001f) - 0.1f, org.assertj.core.data.Offset.offset(1e-6f));
            assertThat(parameter.toFloats()[1])
                    .isCloseTo(-2 * (1 - 0.001f) - 0.1f, org.assertj.core.data.Offset.offset(1e-6f));
            assertThat(m.toFloats()[0]).isCloseTo(0.05f, org.assertj.core.data.Offset.offset(1e-7f));
        }
    }

    @Test
    void sameSeedSameNumbers() {
        try (TensorScope scope = TensorScope.open()) {
            RandomState.seed(7, 3);
            float[] first = Tensor.full(0, 100).fillNormal(0, 1).toFloats();
            RandomState.seed(7, 3);
            assertThat(Tensor.full(0, 100).fillNormal(0, 1).toFloats()).containsExactly(first);
            RandomState.seed(7, 4);
            assertThat(Tensor.full(0, 100).fillNormal(0, 1).toFloats()).isNotEqualTo(first);
        }
    }

    @Test
    void autocastNarrowsProductsAndStops() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor x = Tensor.full(1, 4, 4);
            try (Autocast autocast = Autocast.to(DType.BFLOAT16)) {
                assertThat(x.matmul(x).dtype()).isEqualTo(DType.BFLOAT16);
            }
            assertThat(x.matmul(x).dtype()).isEqualTo(DType.FLOAT32);
        }
    }

    @Test
    void wrongNumberOfValuesIsRefused() {
        try (TensorScope scope = TensorScope.open()) {
            assertThatThrownBy(() -> Tensor.of(new float[3], 2, 2)).hasMessageContaining("3 values given");
        }
    }

    @Test
    void aGradientOutlivesItsTensor() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor gradient = TensorScope.keep(() -> {
                Tensor leaf = Tensor.full(2, 3).requiresGrad(true);
                leaf.mul(leaf).sum().backward();
                return java.util.Objects.requireNonNull(leaf.grad());
            });
            // Takes the memory that was freed, if any was.
            Tensor other = Tensor.full(7, 3);
            assertThat(gradient.toFloats()).containsExactly(4, 4, 4);
            assertThat(other.toFloats()).containsExactly(7, 7, 7);
        }
    }

    @Test
    void closingOutOfOrderIsRefused() {
        try (TensorScope outer = TensorScope.open()) {
            try (TensorScope inner = TensorScope.open()) {
                assertThatThrownBy(outer::close).hasMessageContaining("still open");
            }
        }
    }
}
