package dev.shoestring.run;

import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Pre-trained weights as layers ask for them: an encoder's own checkpoint lacks the prefix {@code bert.} of a classifier's. */
final class BertWeights implements ParameterStore.Source {
    private static final String PREFIX = "bert.";

    private final Weights weights;
    private final String source;
    private final boolean classifier;

    /** With {@code classifier}, the checkpoint's own classifier is taken; otherwise a new one is begun. */
    BertWeights(Weights weights, String source, boolean classifier) {
        this.classifier = classifier;
        this.weights = weights;
        this.source = source;
    }

    @Override
    public @Nullable Tensor load(String name) {
        if (name.startsWith(DistilledTexts.ONLY_FOR_TRAINING) || (!classifier && name.startsWith("classifier."))) {
            return null;
        }
        TensorInfo info = weights.tensors().get(name);
        if (info == null && name.startsWith(PREFIX)) {
            info = weights.tensors().get(name.substring(PREFIX.length()));
        }
        if (info == null) {
            if (!name.startsWith("classifier.") && !name.startsWith("bert.pooler.")) {
                throw new InputException(
                        source + ": the weights have no tensor " + name + "; they are not those of this configuration");
            }
            return null;
        }
        return StoredTensors.load(weights, info, source);
    }
}
