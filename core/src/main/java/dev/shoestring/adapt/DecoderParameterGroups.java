package dev.shoestring.adapt;

import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.CompactAdamW;
import dev.shoestring.optim.Muon;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Optimizers;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Sgd;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The optimizer of a decoder. Matrices of the blocks, and low-rank updates of them, take {@code lr}; embeddings and output layer take
 * {@code head_lr}, as does a matrix between a student's and a teacher's states; vectors do not decay. With Muon, only matrices of the blocks themselves are orthogonalized.
 */
public final class DecoderParameterGroups {
    private static final int MATRIX = 2;

    private DecoderParameterGroups() {}

    /** The optimizer of a recipe, of these parameters by Hugging Face's names, with AdamW's moments kept so, by these processes. */
    public static Optimizer optimizer(
            Map<String, Tensor> trainable, OptimizerSpec spec, MemorySpec.Moments moments, Shards shards) {
        Map<String, Tensor> hidden = new LinkedHashMap<>();
        Map<String, Tensor> ends = new LinkedHashMap<>();
        Map<String, Tensor> vectors = new LinkedHashMap<>();
        trainable.forEach((name, parameter) -> {
            boolean end = name.equals("model.embed_tokens.weight")
                    || name.equals("lm_head.weight")
                    || name.startsWith("distill.");
            (parameter.dim() < MATRIX ? vectors : end ? ends : hidden).put(name, parameter);
        });
        boolean muon = spec.kind() == OptimizerSpec.Kind.MUON;
        List<ParameterGroup> matrices = new ArrayList<>();
        add(matrices, hidden, spec.lr(), spec.weightDecay());
        List<ParameterGroup> others = new ArrayList<>();
        add(others, ends, spec.headLr(), spec.weightDecay());
        add(others, vectors, muon ? spec.headLr() : spec.lr(), 0);
        if (muon) {
            return new Optimizers(
                    List.of(new Muon(matrices, spec.momentum(), false, shards), adamW(others, spec, moments, shards)));
        }
        List<ParameterGroup> all = new ArrayList<>(matrices);
        all.addAll(others);
        return spec.kind() == OptimizerSpec.Kind.SGD
                ? new Sgd(all, spec.momentum(), shards)
                : adamW(all, spec, moments, shards);
    }

    private static Optimizer adamW(
            List<ParameterGroup> groups, OptimizerSpec spec, MemorySpec.Moments moments, Shards shards) {
        return switch (moments) {
            case FP32 -> new AdamW(groups, spec.beta1(), spec.beta2(), spec.eps(), shards);
            case BF16 -> compact(groups, spec, CompactAdamW.Moments.BF16, shards);
            case INT8 -> compact(groups, spec, CompactAdamW.Moments.INT8, shards);
        };
    }

    private static Optimizer compact(
            List<ParameterGroup> groups, OptimizerSpec spec, CompactAdamW.Moments moments, Shards shards) {
        return new CompactAdamW(groups, spec.beta1(), spec.beta2(), spec.eps(), moments, shards);
    }

    private static void add(List<ParameterGroup> groups, Map<String, Tensor> parameters, double lr, double decay) {
        if (!parameters.isEmpty()) {
            groups.add(new ParameterGroup(parameters, lr, decay));
        }
    }
}
