package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.Close;
import dev.shoestring.tensor.TensorScope;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FeatureProjectionTest {
    @Test
    void aMatrixThatExplainsTheTeacherIsFound() {
        float[][] wanted = {{1, 2, 0}, {0, -1, 3}};
        Random random = new Random(5);
        float[][] own = new float[4000][3];
        float[][] teacher = new float[4000][2];
        for (int text = 0; text < own.length; text++) {
            for (int i = 0; i < 3; i++) {
                own[text][i] = (float) random.nextGaussian();
            }
            for (int row = 0; row < 2; row++) {
                for (int i = 0; i < 3; i++) {
                    teacher[text][row] += wanted[row][i] * own[text][i];
                }
            }
        }
        try (TensorScope scope = TensorScope.open()) {
            float[] found = FeatureProjection.fit(own, teacher).toFloats();
            // The ridge, a thousandth of the second moments, draws it towards zero by as much.
            assertThat(found).hasSize(6);
            for (int i = 0; i < 6; i++) {
                found[i] *= 1.001f;
            }
            Close.fp32("projection", new float[] {1, 2, 0, 0, -1, 3}, rounded(found));
        }
    }

    private static float[] rounded(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = Math.round(values[i] * 1000) / 1000f;
        }
        return rounded;
    }

    @Test
    void featuresThatNeverVaryAreNoFault() {
        try (TensorScope scope = TensorScope.open()) {
            assertThat(FeatureProjection.fit(new float[5][2], new float[5][3]).toFloats())
                    .hasSize(6)
                    .containsOnly(0);
        }
    }
}
