package dev.shoestring.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuantizedMatrixTest {
    /** Root mean squared errors of a normal distribution's values; for NF4, 0.09 is what bitsandbytes' blocks of 64 come to. */
    @ParameterizedTest
    @CsvSource({"INT8, 0.008", "NF4, 0.1"})
    void isCloseToWhatItStandsFor(QuantizedMatrix.Codes codes, double most) {
        long live = LiveTensors.count();
        try (TensorScope scope = TensorScope.open()) {
            RandomState.seed(2);
            Tensor plain = Tensor.zeros(DType.FLOAT32, 96, 128).fillNormal(0, 1).mul(0.02);
            try (QuantizedMatrix few = QuantizedMatrix.of(plain.to(DType.BFLOAT16), codes)) {
                Tensor values = few.values();
                assertThat(values.dtype()).isEqualTo(DType.BFLOAT16);
                assertThat(values.shape()).containsExactly(96, 128);
                double error = values.to(DType.FLOAT32).sub(plain).norm().item()
                        / plain.norm().item();
                assertThat(error).isBetween(most / 4, most);
            }
        }
        assertThat(LiveTensors.count()).isEqualTo(live);
    }

    @ParameterizedTest
    @CsvSource({"INT8, 1.0", "NF4, 0.5"})
    void keepsTheLargestOfABlockAndZerosExactly(QuantizedMatrix.Codes codes, double most) {
        try (TensorScope scope = TensorScope.open()) {
            float[] values = new float[64];
            values[3] = (float) most;
            values[4] = (float) -most;
            try (QuantizedMatrix few = QuantizedMatrix.of(Tensor.of(values, 1, 64), codes)) {
                assertThat(few.values().to(DType.FLOAT32).toFloats()).isEqualTo(values);
            }
        }
    }

    @Test
    void aBlockOfZerosStaysZero() {
        try (TensorScope scope = TensorScope.open();
                QuantizedMatrix few =
                        QuantizedMatrix.of(Tensor.zeros(DType.FLOAT32, 2, 64), QuantizedMatrix.Codes.NF4)) {
            assertThat(few.values().to(DType.FLOAT32).toFloats()).containsOnly(0f);
        }
    }
}
