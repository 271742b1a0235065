package dev.shoestring.adapt;

import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.Muon;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Optimizers;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Sgd;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The optimizer of an image network: the classifier has a rate of its own, matrices and convolutions decay and the rest does not, and
 * with gradual unfreezing each stage has a lower rate than the one after it (ULMFiT, arXiv 1801.06146, section 3.2).
 */
public final class ImageParameterGroups {
    private static final int MATRIX = 2;

    private ImageParameterGroups() {}

    /**
     * The optimizer of a recipe.
     *
     * @param stages prefixes of the parameters' names, the classifier's last
     * @param fresh whether the weights are random, so that Muon may set their norms
     * @param shards which process keeps which part of the state
     */
    public static Optimizer optimizer(
            Map<String, Tensor> trainable,
            List<List<String>> stages,
            OptimizerSpec spec,
            AdaptSpec adapt,
            boolean fresh,
            Shards shards) {
        List<ParameterGroup> matrices = new ArrayList<>();
        List<ParameterGroup> others = new ArrayList<>();
        List<ParameterGroup> heads = new ArrayList<>();
        int last = stages.size() - 1;
        for (int stage = 0; stage <= last; stage++) {
            List<String> prefixes = stages.get(stage);
            double decay = adapt instanceof AdaptSpec.Gradual gradual ? Math.pow(gradual.lrDecay(), last - stage) : 1;
            Map<String, Tensor> large = new LinkedHashMap<>();
            Map<String, Tensor> small = new LinkedHashMap<>();
            trainable.forEach((name, parameter) -> {
                if (prefixes.stream().anyMatch(name::startsWith)) {
                    boolean matrix = parameter.dim() >= MATRIX && parameter.size(0) > 1 && !name.contains(".lora_");
                    (matrix ? large : small).put(name, parameter);
                }
            });
            boolean head = stage == last;
            boolean muon = spec.kind() == OptimizerSpec.Kind.MUON;
            double lr = decay * (head ? spec.headLr() : spec.lr());
            add(head ? heads : matrices, large, lr, spec.weightDecay());
            add(head ? heads : others, small, muon ? decay * spec.headLr() : lr, 0);
        }
        return switch (spec.kind()) {
            case ADAMW -> adamW(joined(matrices, others, heads), spec, shards);
            case SGD -> new Sgd(joined(matrices, others, heads), spec.momentum(), shards);
            case MUON ->
                new Optimizers(List.of(
                        new Muon(matrices, spec.momentum(), fresh, shards),
                        adamW(joined(List.of(), others, heads), spec, shards)));
        };
    }

    private static void add(List<ParameterGroup> groups, Map<String, Tensor> parameters, double lr, double decay) {
        if (!parameters.isEmpty()) {
            groups.add(new ParameterGroup(parameters, lr, decay));
        }
    }

    private static AdamW adamW(List<ParameterGroup> groups, OptimizerSpec spec, Shards shards) {
        return new AdamW(groups, spec.beta1(), spec.beta2(), spec.eps(), shards);
    }

    private static List<ParameterGroup> joined(
            List<ParameterGroup> first, List<ParameterGroup> second, List<ParameterGroup> third) {
        List<ParameterGroup> all = new ArrayList<>(first);
        all.addAll(second);
        all.addAll(third);
        return all;
    }
}
