package dev.shoestring.adapt;

import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The optimizer's groups for fine-tuning: encoder and head each have their own rate, and matrices decay while biases and
 * LayerNorms do not (arXiv 1810.04805, appendix A.2, and its published code).
 */
public final class ParameterGroups {
    private ParameterGroups() {}

    /** Groups of the trainable parameters, by Hugging Face's names; empty groups are left out. */
    public static List<ParameterGroup> of(Map<String, Tensor> trainable, OptimizerSpec spec) {
        Predicate<String> inHead = name -> name.startsWith("bert.pooler.") || name.startsWith("classifier.");
        List<ParameterGroup> groups = new ArrayList<>();
        add(groups, trainable, inHead.negate(), spec.lr(), spec.weightDecay());
        add(groups, trainable, inHead, spec.headLr(), spec.weightDecay());
        return groups;
    }

    private static void add(
            List<ParameterGroup> groups, Map<String, Tensor> all, Predicate<String> member, double lr, double decay) {
        Map<String, Tensor> decayed = new LinkedHashMap<>();
        Map<String, Tensor> plain = new LinkedHashMap<>();
        all.forEach((name, parameter) -> {
            if (member.test(name)) {
                (decays(name) ? decayed : plain).put(name, parameter);
            }
        });
        if (!decayed.isEmpty()) {
            groups.add(new ParameterGroup(decayed, lr, decay));
        }
        if (!plain.isEmpty()) {
            groups.add(new ParameterGroup(plain, lr, 0));
        }
    }

    private static boolean decays(String name) {
        return !name.endsWith(".bias") && !name.contains("LayerNorm");
    }
}
