package dev.shoestring.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.Close;
import dev.shoestring.recipe.ScheduleSpec;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OptimizersTest {
    @Test
    void nesterovFollowsItsFormula() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor weight = Tensor.of(new float[] {1, -2}, 2).requiresGrad(true);
            try (Sgd sgd = new Sgd(List.of(new ParameterGroup(Map.of("w", weight), 0.1, 0.5)), 0.9)) {
                float[] expected = {1, -2};
                float[] momentum = {0, 0};
                for (int step = 0; step < 3; step++) {
                    weight.mul(weight).sum().backward();
                    sgd.step(1);
                    sgd.clearGradients();
                    for (int i = 0; i < 2; i++) {
                        float gradient = 2 * expected[i] + 0.5f * expected[i];
                        momentum[i] = 0.9f * momentum[i] + gradient;
                        expected[i] -= 0.1f * (gradient + 0.9f * momentum[i]);
                    }
                    Close.fp32("weight", weight.toFloats(), expected);
                }
            }
        }
    }

    @Test
    void muonMakesEveryDirectionEquallyLong() {
        try (TensorScope scope = TensorScope.open()) {
            RandomState.seed(3);
            Tensor matrix = Tensor.zeros(DType.FLOAT32, 24, 8).fillNormal(0, 1);
            matrix.narrow(1, 0, 1).mulInPlace(30);
            Tensor flat =
                    Muon.orthogonalized(matrix.unsqueeze(0), DType.FLOAT32).select(0, 0);
            Tensor gram = flat.transpose(0, 1).matmul(flat);
            float[] squares = dev.shoestring.tensor.ImageOperators.symmetricEigen(gram)[0].toFloats();
            for (float square : squares) {
                // Its author gives singular values from 0.7 to 1.2.
                assertThat(Math.sqrt(square)).isBetween(0.6, 1.25);
            }
        }
    }

    @Test
    void muonMakesSeveralMatricesOrthogonalAsItDoesEachAlone() {
        try (TensorScope scope = TensorScope.open()) {
            RandomState.seed(4);
            for (long[] sides : new long[][] {{24, 8}, {8, 24}, {16, 16}}) {
                Tensor several =
                        Tensor.zeros(DType.FLOAT32, 3, sides[0], sides[1]).fillNormal(0, 1);
                several.narrow(0, 1, 1).mulInPlace(50);
                Tensor together = Muon.orthogonalized(several, DType.FLOAT32);
                for (int i = 0; i < 3; i++) {
                    Tensor alone = Muon.orthogonalized(several.narrow(0, i, 1), DType.FLOAT32);
                    Close.fp32(
                            "matrix " + i,
                            together.select(0, i).toFloats(),
                            alone.select(0, 0).toFloats());
                }
            }
        }
    }

    @Test
    void schedulesBeginAndEndWhereTheyShould() {
        Schedule cycle = new Schedule(ScheduleSpec.Kind.ONE_CYCLE, 100, 30, 0);
        assertThat(cycle.factor(0)).isLessThan(0.01);
        assertThat(cycle.factor(29)).isEqualTo(1);
        assertThat(cycle.factor(99)).isLessThan(0.001);
        Schedule trapezoid = new Schedule(ScheduleSpec.Kind.TRAPEZOID, 100, 10, 40);
        assertThat(trapezoid.factor(0)).isEqualTo(0.1);
        assertThat(trapezoid.factor(9)).isEqualTo(1);
        assertThat(trapezoid.factor(60)).isEqualTo(1);
        assertThat(trapezoid.factor(80)).isEqualTo(0.5);
        assertThat(trapezoid.factor(99)).isEqualTo(1 / 40.0);
    }
}
