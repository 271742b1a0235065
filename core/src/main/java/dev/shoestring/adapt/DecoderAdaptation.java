package dev.shoestring.adapt;

import dev.shoestring.nn.Adaptable;
import dev.shoestring.nn.LowRankUpdate;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.NearestChoice;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** LoRA and DoRA on matrices of a decoder, chosen by the last parts of their names as PEFT's {@code target_modules} are. */
public final class DecoderAdaptation {
    private static final String WEIGHT = ".weight";

    private DecoderAdaptation() {}

    /**
     * Freezes every parameter and gives the chosen layers updates, which begin at nothing.
     *
     * @return the layers that have updates, by name
     * @throws InputException if a target names no layer; the valid ones are in the message
     */
    public static List<String> apply(ParameterStore store, LoraSettings settings) {
        List<String> chosen = chosen(layers(store).keySet(), settings.targets());
        give(store, chosen, settings);
        return chosen;
    }

    /** Freezes every parameter and gives these layers updates. */
    static void give(ParameterStore store, List<String> chosen, LoraSettings settings) {
        Map<String, Adaptable> layers = layers(store);
        store.trainable().values().forEach(parameter -> parameter.requiresGrad(false));
        for (String name : chosen) {
            Adaptable layer = Objects.requireNonNull(layers.get(name), name);
            try (TensorScope scope = TensorScope.open()) {
                layer.adapt(new LowRankUpdate(store, name, layer.weight(), settings.update()));
            }
        }
    }

    /** The layers that can have updates by name, without {@code .weight}. */
    static Map<String, Adaptable> layers(ParameterStore store) {
        Map<String, Adaptable> layers = new LinkedHashMap<>();
        for (Adaptable layer : store.adaptables()) {
            String weight = layer.weightName();
            layers.put(weight.substring(0, weight.length() - WEIGHT.length()), layer);
        }
        return layers;
    }

    private static List<String> chosen(Set<String> layers, List<String> targets) {
        Set<String> chosen = new LinkedHashSet<>();
        for (String target : targets) {
            List<String> matching = new ArrayList<>(layers);
            if (!target.equals(LoraSettings.ALL_LINEAR)) {
                matching.removeIf(name -> !matches(name, target));
            }
            if (matching.isEmpty()) {
                throw new InputException("target_modules: \"" + target + "\" names no layer of this model"
                        + NearestChoice.hint(target, valid(layers)));
            }
            chosen.addAll(matching);
        }
        return layers.stream().filter(chosen::contains).toList();
    }

    /** Whether a target names that layer, by PEFT's rule: as a whole or by the last parts of its name. */
    static boolean matches(String layer, String target) {
        return layer.equals(target) || layer.endsWith("." + target);
    }

    private static List<String> valid(Set<String> layers) {
        Set<String> last = new LinkedHashSet<>();
        layers.forEach(name -> last.add(name.substring(name.lastIndexOf('.') + 1)));
        last.add(LoraSettings.ALL_LINEAR);
        return List.copyOf(last);
    }
}
