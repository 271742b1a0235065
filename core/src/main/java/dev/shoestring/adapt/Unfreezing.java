package dev.shoestring.adapt;

import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradual unfreezing (ULMFiT, arXiv 1801.06146, section 3.3): the classifier is trained first, then with it the stage before it, and so
 * on at equal distances, until all are. Frozen stages take no backward pass, and their normalizations keep their statistics.
 */
public final class Unfreezing {
    private final List<List<Tensor>> stages;
    private final double untilStep;

    private Unfreezing(List<List<Tensor>> stages, double untilStep) {
        this.stages = stages;
        this.untilStep = untilStep;
    }

    /** The unfreezing of an adaptation over that many steps; every stage from the first step unless it is gradual. */
    public static Unfreezing of(AdaptSpec adapt, List<List<String>> prefixes, ParameterStore store, long steps) {
        List<List<Tensor>> stages = new ArrayList<>();
        for (List<String> stage : prefixes) {
            stages.add(store.trainable().entrySet().stream()
                    .filter(parameter -> stage.stream().anyMatch(parameter.getKey()::startsWith))
                    .map(java.util.Map.Entry::getValue)
                    .toList());
        }
        return new Unfreezing(stages, adapt instanceof AdaptSpec.Gradual gradual ? gradual.until() * steps : 0);
    }

    /** How many stages, from the image on, are not trained in the step numbered from 0. */
    public int frozenStages(long step) {
        if (step >= untilStep) {
            return 0;
        }
        int others = stages.size() - 1;
        return others - (int) Math.min(others, Math.floor(step * stages.size() / untilStep));
    }

    /** Freezes and unfreezes for a step. */
    public void startStep(long step) {
        if (untilStep == 0) {
            return;
        }
        int frozen = frozenStages(step);
        for (int i = 0; i < stages.size(); i++) {
            boolean trained = i >= frozen;
            stages.get(i).forEach(parameter -> parameter.requiresGrad(trained));
        }
    }
}
