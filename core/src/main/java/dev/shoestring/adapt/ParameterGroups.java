package dev.shoestring.adapt;

import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.Muon;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Optimizers;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Shards;
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
    private static final int MATRIX = 2;

    private ParameterGroups() {}

    /**
     * The optimizer of a recipe. Muon is of the matrices of the encoder's layers; embeddings, head and all vectors take AdamW at {@code head_lr}.
     *
     * @param trainable by Hugging Face's names
     */
    public static Optimizer optimizer(Map<String, Tensor> trainable, OptimizerSpec spec, Shards shards) {
        if (spec.kind() != OptimizerSpec.Kind.MUON) {
            return adamW(of(trainable, spec), spec, shards);
        }
        Map<String, Tensor> matrices = new LinkedHashMap<>();
        Map<String, Tensor> others = new LinkedHashMap<>();
        trainable.forEach(
                (name, parameter) -> (name.startsWith("bert.encoder.") && parameter.dim() == MATRIX ? matrices : others)
                        .put(name, parameter));
        List<ParameterGroup> orthogonal = List.of(new ParameterGroup(matrices, spec.lr(), spec.weightDecay()));
        return new Optimizers(List.of(
                new Muon(orthogonal, spec.momentum(), false, shards),
                adamW(of(others, spec.at(spec.headLr(), spec.headLr())), spec, shards)));
    }

    private static Optimizer adamW(List<ParameterGroup> groups, OptimizerSpec spec, Shards shards) {
        return new AdamW(groups, spec.beta1(), spec.beta2(), spec.eps(), shards);
    }

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
