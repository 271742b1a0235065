package dev.shoestring.optim;

import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import java.util.Map;

/**
 * Parameters that share a rate.
 *
 * @param parameters by name
 * @param lr peak learning rate
 * @param weightDecay weight decay
 */
public record ParameterGroup(Map<String, Tensor> parameters, double lr, double weightDecay) {
    /** What one parameter is changed by. */
    interface Update {
        void apply(ParameterGroup group, String name, Tensor parameter, Tensor gradient);
    }

    /** All parameters, group by group. */
    static List<Tensor> parametersOf(List<ParameterGroup> groups) {
        return groups.stream()
                .flatMap(group -> group.parameters().values().stream())
                .toList();
    }

    /** Applies an update to each parameter with a gradient, in a scope of its own and unrecorded. */
    static void updateEach(List<ParameterGroup> groups, Update update) {
        for (ParameterGroup group : groups) {
            group.parameters().forEach((name, parameter) -> {
                try (TensorScope scope = TensorScope.open();
                        NoGrad guard = NoGrad.on()) {
                    Tensor gradient = parameter.grad();
                    if (gradient != null) {
                        update.apply(group, name, parameter, gradient);
                    }
                }
            });
        }
    }
}
