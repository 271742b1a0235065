package dev.shoestring.run;

import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.Tensor;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stored weights of an image network as layers ask for them; a classifier of other labels is left out. */
final class ImageWeights implements ParameterStore.Source {
    private static final Set<String> HEADS = Set.of("fc", "classifier", "head");

    private final Weights weights;
    private final String source;
    private final boolean classifier;

    /** With {@code classifier}, the checkpoint's own classifier is taken; otherwise a new one is begun. */
    ImageWeights(Weights weights, String source, boolean classifier) {
        this.weights = weights;
        this.source = source;
        this.classifier = classifier;
    }

    @Override
    public @Nullable Tensor load(String name) {
        boolean head = HEADS.contains(name.substring(0, Math.max(0, name.indexOf('.'))));
        boolean update = name.endsWith(".lora_A") || name.endsWith(".lora_B");
        if (update || (head && !classifier)) {
            return null;
        }
        TensorInfo info = weights.tensors().get(name);
        if (info == null) {
            throw new InputException(
                    source + ": the weights have no tensor " + name + "; they are not those of this configuration");
        }
        return StoredTensors.load(weights, info, source);
    }
}
