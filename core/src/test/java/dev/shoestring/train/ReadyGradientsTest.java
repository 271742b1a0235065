package dev.shoestring.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.cost.FreeMemory;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Parts of the gradients leave while the backward pass goes on. */
final class ReadyGradientsTest {
    /** A chain of products: the gradient of the last factor comes first. */
    private static void backward(List<Tensor> parameters) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor product = Tensor.full(1, 2);
            for (Tensor parameter : parameters) {
                product = product.mul(parameter);
            }
            product.sum().backward();
        }
    }

    private static List<Tensor> parameters() {
        List<Tensor> parameters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            parameters.add(Tensor.full(2, 2).unscoped().requiresGrad(true));
        }
        return parameters;
    }

    /** What a hook is given is a copy of the native handle: were it not closed, each pass would leave 16 MB behind. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aHundredPassesLeaveNothingBehind() throws Exception {
        List<Long> growth = Teams.together(2, (team, rank) -> {
            Tensor parameter = Tensor.zeros(DType.FLOAT32, 1 << 22).unscoped().requiresGrad(true);
            try (ReadyGradients ready = new ReadyGradients(team.collectives(), List.of(parameter))) {
                ready.arm();
                ready.learn();
                ready.divide(List.of(List.of(0)), part -> {});
                long before = 0;
                for (int pass = 0; pass < 110; pass++) {
                    before = pass == 10 ? FreeMemory.held() : before;
                    ready.arm();
                    try (TensorScope scope = TensorScope.open()) {
                        parameter.mul(2).sum().backward();
                    }
                    ready.finish();
                    parameter.clearGrad();
                }
                return FreeMemory.held() - before;
            } finally {
                parameter.close();
            }
        });
        assertThat(growth.get(0)).isLessThan(200L << 20);
    }

    private record Seen(List<Integer> order, List<Integer> inThePass, List<Integer> afterIt, float gradient) {}

    @Test
    void partsLeaveInTheOrderInWhichTheyAreComplete() throws Exception {
        List<Seen> seen = Teams.together(2, (team, rank) -> {
            List<Tensor> parameters = parameters();
            // The third is not part of what is computed, the second is frozen until later.
            parameters.get(1).requiresGrad(false);
            List<Tensor> used = List.of(parameters.get(0), parameters.get(1), parameters.get(3));
            try (ReadyGradients ready = new ReadyGradients(team.collectives(), parameters)) {
                ready.arm();
                backward(used);
                List<Integer> order = ready.learn();
                List<Integer> left = new ArrayList<>();
                List<Float> gradients = new ArrayList<>();
                ready.divide(order.stream().map(List::of).toList(), part -> {
                    left.add(part);
                    try (TensorScope scope = TensorScope.open()) {
                        Tensor gradient = parameters.get(order.get(part)).grad();
                        gradients.add(gradient == null ? 0 : gradient.toFloats()[0]);
                    }
                });
                ready.finish();
                parameters.get(1).requiresGrad(true);
                left.clear();
                gradients.clear();
                // Two passes of a step, of which the second completes the sums.
                parameters.forEach(Tensor::clearGrad);
                backward(used);
                ready.arm();
                backward(used);
                List<Integer> inThePass = List.copyOf(left);
                ready.finish();
                return new Seen(order, inThePass, List.copyOf(left), gradients.get(0));
            } finally {
                parameters.forEach(Tensor::close);
            }
        });
        assertThat(seen).allSatisfy(one -> {
            assertThat(one.order()).containsExactly(3, 0, 1, 2);
            // The newest may still be added to, and nobody tells of the second.
            assertThat(one.inThePass()).containsExactly(0);
            assertThat(one.afterIt()).containsExactly(0, 1, 2, 3);
            assertThat(one.gradient()).isEqualTo(8);
        });
    }

    @Test
    void aSecondGradientAfterTheFirstHasLeftIsAnError() throws Exception {
        List<String> messages = Teams.together(2, (team, rank) -> {
            List<Tensor> parameters = parameters();
            try (ReadyGradients ready = new ReadyGradients(team.collectives(), parameters)) {
                ready.arm();
                backward(parameters);
                ready.divide(ready.learn().stream().map(List::of).toList(), part -> {});
                ready.finish();
                ready.arm();
                backward(parameters);
                backward(parameters);
                assertThatThrownBy(ready::finish).isInstanceOf(IllegalStateException.class);
                return "refused";
            } finally {
                parameters.forEach(Tensor::close);
            }
        });
        assertThat(messages).containsOnly("refused");
    }
}
