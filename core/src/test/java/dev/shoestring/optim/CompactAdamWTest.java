package dev.shoestring.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CompactAdamWTest {
    private static final int WIDTH = 30;
    private static final int STEPS = 300;

    /** Fits a linear map that is known; gives the mean squared error that is left. */
    private static double fitted(Function<List<ParameterGroup>, Optimizer> kind, DType type) {
        try (TensorScope scope = TensorScope.open()) {
            RandomState.seed(5);
            Tensor truth = Tensor.zeros(DType.FLOAT32, WIDTH, WIDTH).fillNormal(0, 1);
            Tensor inputs = Tensor.zeros(DType.FLOAT32, 64, WIDTH).fillNormal(0, 1);
            Tensor wanted = inputs.linear(truth);
            Tensor weight = Tensor.zeros(type, WIDTH, WIDTH).requiresGrad(true);
            double error = 0;
            try (Optimizer optimizer = kind.apply(List.of(new ParameterGroup(Map.of("w", weight), 0.05, 0)))) {
                for (int step = 0; step < STEPS; step++) {
                    try (TensorScope each = TensorScope.open()) {
                        Tensor difference =
                                inputs.linear(weight.to(DType.FLOAT32)).sub(wanted);
                        Tensor loss = difference.mul(difference).mean(0, 1);
                        error = loss.item();
                        loss.backward();
                        optimizer.step(1 - (double) step / STEPS);
                        optimizer.clearGradients();
                    }
                }
            }
            return error;
        }
    }

    @ParameterizedTest
    @EnumSource(CompactAdamW.Moments.class)
    void endsWhereSinglePrecisionEnds(CompactAdamW.Moments moments) {
        double exact = fitted(groups -> new AdamW(groups, 0.9, 0.99, 1e-8), DType.FLOAT32);
        double compact = fitted(groups -> new CompactAdamW(groups, 0.9, 0.99, 1e-8, moments), DType.FLOAT32);
        assertThat(exact).isLessThan(0.01);
        assertThat(compact).isLessThan(0.01);
    }

    @Test
    void weightsInHalfAreRightToTheirResolution() {
        double compact =
                fitted(groups -> new CompactAdamW(groups, 0.9, 0.99, 1e-8, CompactAdamW.Moments.BF16), DType.BFLOAT16);
        // 30 weights of about 1, each off by some 2⁻⁹ of itself.
        assertThat(compact).isLessThan(0.01);
    }

    @Test
    void changesBelowTheResolutionArriveOnAverage() {
        try (TensorScope scope = TensorScope.open()) {
            int elements = 4096;
            Tensor weight = Tensor.full(1, elements).to(DType.BFLOAT16).requiresGrad(true);
            List<ParameterGroup> groups = List.of(new ParameterGroup(Map.of("w", weight), 1e-3, 0));
            try (CompactAdamW optimizer = new CompactAdamW(groups, 0.9, 0.99, 1e-8, CompactAdamW.Moments.BF16)) {
                for (int step = 0; step < 20; step++) {
                    weight.to(DType.FLOAT32).sum().backward();
                    optimizer.step(1);
                    optimizer.clearGradients();
                }
            }
            // A step is a quarter of what bf16 can tell from 1: rounded to nearest, nothing would ever change.
            assertThat(weight.detach().to(DType.FLOAT32).mean(0).item()).isBetween(0.979, 0.981);
        }
    }

    @ParameterizedTest
    @EnumSource(CompactAdamW.Moments.class)
    void isTheSameToTheBitFromACopyOfItsState(CompactAdamW.Moments moments) {
        try (TensorScope scope = TensorScope.open()) {
            int elements = 1000;
            RandomState.seed(6);
            Tensor one = Tensor.zeros(DType.BFLOAT16, elements).fillNormal(0, 1).requiresGrad(true);
            Tensor other = one.detach().copy().requiresGrad(true);
            try (CompactAdamW first = new CompactAdamW(group(one), 0.9, 0.99, 1e-8, moments);
                    CompactAdamW second = new CompactAdamW(group(other), 0.9, 0.99, 1e-8, moments)) {
                for (int step = 0; step < 6; step++) {
                    if (step == 3) {
                        other.detach().copyFrom(one.detach());
                        first.state().forEach((name, tensor) -> Objects.requireNonNull(
                                        second.state().get(name))
                                .copyFrom(tensor));
                    }
                    push(one, first);
                    if (step >= 3) {
                        push(other, second);
                    }
                }
            }
            assertThat(other.detach().to(DType.FLOAT32).toFloats())
                    .isEqualTo(one.detach().to(DType.FLOAT32).toFloats());
        }
    }

    private static List<ParameterGroup> group(Tensor weight) {
        return List.of(new ParameterGroup(Map.of("w", weight), 0.01, 0.1));
    }

    private static void push(Tensor weight, CompactAdamW optimizer) {
        Tensor single = weight.to(DType.FLOAT32);
        single.mul(single).sum().backward();
        optimizer.step(1);
        optimizer.clearGradients();
    }

    @ParameterizedTest
    @EnumSource(CompactAdamW.Moments.class)
    void takesTheMemoryItSays(CompactAdamW.Moments moments) {
        try (TensorScope scope = TensorScope.open()) {
            int elements = 1 << 16;
            Tensor weight = Tensor.zeros(DType.FLOAT32, elements).requiresGrad(true);
            try (CompactAdamW optimizer = new CompactAdamW(group(weight), 0.9, 0.99, 1e-8, moments)) {
                long bytes = optimizer.state().values().stream()
                        .mapToLong(tensor -> tensor.numel() * tensor.dtype().bytes())
                        .sum();
                double each = moments == CompactAdamW.Moments.BF16 ? 4 : 2 + 8.0 / ByteMoment.BLOCK;
                assertThat(bytes).isEqualTo((long) (each * elements) + Float.BYTES);
            }
        }
    }

    @Test
    void aByteHoldsAMomentWithoutBias() {
        try (TensorScope scope = TensorScope.open();
                RoundingNoise noise = new RoundingNoise()) {
            int elements = 300;
            RandomState.seed(8);
            Tensor values = Tensor.zeros(DType.FLOAT32, elements).fillNormal(0, 1);
            for (RoundingNoise.Kind kind : List.of(RoundingNoise.Kind.FIRST, RoundingNoise.Kind.SECOND)) {
                Tensor wanted = kind == RoundingNoise.Kind.FIRST ? values : values.mul(values);
                ByteMoment moment = ByteMoment.zeros(elements, kind);
                double worst = 0;
                float[] exact = wanted.toFloats();
                noise.draw(1, 1);
                moment.write(0, wanted, noise);
                float[] kept = moment.read(0, elements).toFloats();
                for (int i = 0; i < elements; i++) {
                    worst = Math.max(worst, Math.abs(kept[i] - exact[i]) / (0.02 + Math.abs(exact[i])));
                }
                assertThat(worst).as(kind.name()).isLessThan(0.4);
                assertThat(sum(kept)).isCloseTo(sum(exact), org.assertj.core.data.Offset.offset(0.05 * elements));
                moment.close();
            }
        }
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }
}
