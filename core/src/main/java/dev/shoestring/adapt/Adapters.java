package dev.shoestring.adapt;

import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.MappedTensors;
import dev.shoestring.hub.PeftAdapter;
import dev.shoestring.hub.PeftConfig;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.nn.Adaptable;
import dev.shoestring.nn.LowRankUpdate;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Low-rank updates in and out, in the format of Hugging Face's PEFT. */
public final class Adapters {
    private static final int NAMED = 3;

    private Adapters() {}

    /**
     * Freezes the network and gives its layers the updates of an adapter's folder. Everything is compared before anything is changed.
     *
     * @return how the adapter was trained
     * @throws InputException if the adapter is damaged, not supported, or made for another model
     */
    public static LoraSettings load(Path folder, ParameterStore store) {
        try (PeftAdapter adapter = PeftAdapter.open(folder);
                MappedTensors tensors = new MappedTensors(adapter.weights(), folder.toString())) {
            Map<String, PeftAdapter.Parts> updates = matched(adapter, DecoderAdaptation.layers(store), folder);
            PeftConfig config = adapter.config();
            List<String> layers = List.copyOf(updates.keySet());
            List<String> targets = config.targets().isEmpty() ? layers : config.targets();
            LoraSettings settings =
                    new LoraSettings(config.rank(), config.alpha(), config.rankStabilized(), config.dora(), targets);
            DecoderAdaptation.give(store, layers, settings);
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                updates.forEach((layer, parts) -> {
                    copy(store, tensors, layer + ".lora_A", parts.a());
                    copy(store, tensors, layer + ".lora_B", parts.b());
                    parts.magnitude().ifPresent(info -> copy(store, tensors, layer + ".lora_magnitude_vector", info));
                });
            }
            return settings;
        }
    }

    private static void copy(ParameterStore store, MappedTensors tensors, String name, TensorInfo info) {
        Objects.requireNonNull(store.all().get(name), name).copyFrom(tensors.load(info));
    }

    private static Map<String, PeftAdapter.Parts> matched(
            PeftAdapter adapter, Map<String, Adaptable> layers, Path folder) {
        Map<String, PeftAdapter.Parts> updates = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        adapter.layers().forEach((stored, parts) -> {
            // An adapter of the network without its output layer lacks a prefix.
            String name = layers.containsKey(stored) ? stored : "model." + stored;
            Adaptable layer = layers.get(name);
            if (layer == null) {
                problems.add("the model has no layer " + stored + " to be adapted");
                return;
            }
            long out;
            long in;
            try (TensorScope scope = TensorScope.open()) {
                Tensor weight = layer.weight();
                out = weight.size(0);
                in = weight.size(1);
            }
            long rank = adapter.config().rank();
            compare(problems, parts.a(), rank, in);
            compare(problems, parts.b(), out, rank);
            parts.magnitude().ifPresent(info -> compare(problems, info, out));
            updates.put(name, parts);
        });
        for (String target : adapter.config().targets()) {
            for (String layer : layers.keySet()) {
                if (DecoderAdaptation.matches(layer, target) && !updates.containsKey(layer)) {
                    problems.add("target_modules names " + layer + ", but the adapter has no update of it");
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new InputException(folder + ": the adapter does not fit the model: "
                    + String.join("; ", problems.stream().limit(NAMED).toList())
                    + (problems.size() > NAMED ? "; and " + (problems.size() - NAMED) + " more" : "")
                    + "; give the base model that it was trained on");
        }
        // In the model's order, so that parameters are asked for as in training.
        Map<String, PeftAdapter.Parts> ordered = new LinkedHashMap<>();
        layers.keySet().stream()
                .filter(updates::containsKey)
                .forEach(name -> ordered.put(name, Objects.requireNonNull(updates.get(name))));
        return ordered;
    }

    private static void compare(List<String> problems, TensorInfo info, Long... shape) {
        if (!info.shape().equals(List.of(shape))) {
            problems.add(info.name() + " is " + info.shape() + " instead of " + List.of(shape));
        }
    }

    /**
     * Writes the updates that a network's layers have, in single precision.
     *
     * @param base the model they belong to, a path or a name of the hub; null if unknown
     * @throws InputException if they cannot be written
     */
    public static void save(Path folder, ParameterStore store, LoraSettings settings, @Nullable String base) {
        List<TensorOutput> tensors = new ArrayList<>();
        Set<String> adapted = new LinkedHashSet<>();
        store.all().forEach((name, tensor) -> {
            if (LowRankUpdate.owns(name)) {
                int dot = name.lastIndexOf('.');
                adapted.add(name.substring(0, dot));
                List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
                String key = PeftAdapter.key(name.substring(0, dot), name.substring(dot + 1));
                tensors.add(new TensorOutput(new TensorInfo(key, ElementType.F32, shape), () -> tensor));
            }
        });
        List<String> targets = targets(adapted, DecoderAdaptation.layers(store).keySet());
        PeftAdapter.write(
                folder,
                new PeftConfig(
                        settings.rank(),
                        settings.alpha(),
                        settings.rankStabilized(),
                        settings.dora(),
                        0,
                        targets,
                        base),
                tensors);
    }

    /** The last parts of the names if they mean these layers and no other, else the whole names. */
    private static List<String> targets(Set<String> adapted, Set<String> layers) {
        List<String> last = adapted.stream()
                .map(name -> name.substring(name.lastIndexOf('.') + 1))
                .distinct()
                .sorted()
                .toList();
        boolean exact = layers.stream()
                .filter(layer -> last.stream().anyMatch(target -> DecoderAdaptation.matches(layer, target)))
                .allMatch(adapted::contains);
        return exact ? last : List.copyOf(adapted);
    }
}
