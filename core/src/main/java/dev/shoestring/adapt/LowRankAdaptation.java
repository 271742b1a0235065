package dev.shoestring.adapt;

import dev.shoestring.nn.Adaptable;
import dev.shoestring.nn.LowRankUpdate;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** LoRA (arXiv 2106.09685) on every convolution and matrix before the classifier; normalizations keep their statistics. */
public final class LowRankAdaptation {
    private LowRankAdaptation() {}

    /** Freezes the network but for its classifier and gives its layers updates. */
    public static void apply(ParameterStore store, List<String> classifier, AdaptSpec.Lora lora) {
        store.trainable().forEach((name, parameter) -> {
            if (classifier.stream().noneMatch(name::startsWith)) {
                parameter.requiresGrad(false);
            }
        });
        for (Adaptable layer : List.copyOf(store.adaptables())) {
            if (classifier.stream().noneMatch(layer.weightName()::startsWith)) {
                String name = layer.weightName().replaceFirst("\\.weight$", "");
                layer.adapt(new LowRankUpdate(
                        store, name, layer.weight(), new LowRankUpdate.Settings(lora.rank(), lora.scale(), false)));
            }
        }
    }

    /** The parameters with all updates added, under the names of the network without them; made in the scope that is open. */
    public static Map<String, Tensor> merged(ParameterStore store) {
        Map<String, Tensor> merged = new LinkedHashMap<>();
        MergedWeights.of(store).forEach((name, weight) -> merged.put(name, weight.get()));
        return merged;
    }
}
