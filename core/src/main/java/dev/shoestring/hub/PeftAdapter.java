package dev.shoestring.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A folder with an adapter in the format of Hugging Face's PEFT: {@code adapter_config.json} and {@code adapter_model.safetensors}, whose
 * keys are {@code base_model.model.LAYER.lora_A.weight}, {@code …lora_B.weight} and, with DoRA, {@code …lora_magnitude_vector}.
 */
public final class PeftAdapter implements AutoCloseable {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";
    private static final long LARGEST_CONFIG = 16L << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PeftConfig config;
    private final Weights weights;
    private final Map<String, Parts> layers;

    /**
     * The stored tensors of one layer's update.
     *
     * @param a of shape (rank, in)
     * @param b of shape (out, rank)
     * @param magnitude of shape (out); only with DoRA
     */
    public record Parts(TensorInfo a, TensorInfo b, Optional<TensorInfo> magnitude) {}

    private PeftAdapter(PeftConfig config, Weights weights, Map<String, Parts> layers) {
        this.config = config;
        this.weights = weights;
        this.layers = layers;
    }

    /** Whether a folder holds an adapter. */
    public static boolean in(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG));
    }

    /**
     * Reads only the configuration of an adapter.
     *
     * @throws InputException if it cannot be read, or asks for what is not supported
     */
    public static PeftConfig config(Path folder) {
        Path file = folder.resolve(CONFIG);
        try {
            if (!Files.isRegularFile(file)) {
                throw new InputException(
                        folder + ": has no " + CONFIG + "; an adapter's folder holds it and " + WEIGHTS);
            }
            if (Files.size(file) > LARGEST_CONFIG) {
                throw new InputException(file + ": is larger than 16 MiB");
            }
            return PeftConfig.read(Models.object(Files.readAllBytes(file), file.toString()), file.toString());
        } catch (IOException failed) {
            throw new InputException(file + ": cannot be read (" + failed + ")", failed);
        }
    }

    /**
     * Opens an adapter.
     *
     * @throws InputException if it is damaged, or asks for what is not supported
     */
    public static PeftAdapter open(Path folder) {
        PeftConfig config = config(folder);
        Path file = folder.resolve(WEIGHTS);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder + ": has no " + WEIGHTS
                    + "; save the adapter in safetensors form (pickles can run code and are never read)");
        }
        Weights weights = Safetensors.open(file);
        try {
            return new PeftAdapter(config, weights, layers(config, weights, file));
        } catch (RuntimeException refused) {
            weights.close();
            throw refused;
        }
    }

    private static Map<String, Parts> layers(PeftConfig config, Weights weights, Path file) {
        Map<String, Map<String, TensorInfo>> found = new LinkedHashMap<>();
        List<String> strange = new ArrayList<>();
        weights.tensors().forEach((key, info) -> {
            String name = key.replaceFirst("\\.weight$", "");
            int dot = name.lastIndexOf('.');
            String part = name.substring(dot + 1);
            boolean known = part.equals("lora_A")
                    || part.equals("lora_B")
                    || (part.equals("lora_magnitude_vector") && config.dora());
            if (!known || !name.startsWith(PREFIX) || dot <= PREFIX.length()) {
                strange.add(shorten(key));
            } else if (found.computeIfAbsent(name.substring(PREFIX.length(), dot), layer -> new LinkedHashMap<>())
                            .putIfAbsent(part, info)
                    != null) {
                strange.add(shorten(key) + " (twice)");
            }
        });
        if (!strange.isEmpty()) {
            throw new InputException(file + ": holds " + strange.size() + " tensors that belong to no "
                    + (config.dora() ? "DoRA" : "LoRA") + " update, such as " + strange.get(0)
                    + "; export the adapter with PEFT's save_pretrained");
        }
        Map<String, Parts> layers = new LinkedHashMap<>();
        found.forEach((layer, parts) -> layers.put(layer, parts(config, layer, parts, file)));
        if (layers.isEmpty()) {
            throw new InputException(file + ": holds no update at all");
        }
        return layers;
    }

    private static Parts parts(PeftConfig config, String layer, Map<String, TensorInfo> parts, Path file) {
        TensorInfo a = parts.get("lora_A");
        TensorInfo b = parts.get("lora_B");
        Optional<TensorInfo> magnitude = Optional.ofNullable(parts.get("lora_magnitude_vector"));
        if (a == null || b == null || magnitude.isEmpty() == config.dora()) {
            throw new InputException(file + ": the update of " + shorten(layer) + " is not whole, it has only "
                    + parts.keySet() + "; save the adapter again");
        }
        return new Parts(a, b, magnitude);
    }

    /** The settings. */
    public PeftConfig config() {
        return config;
    }

    /** The stored values. */
    public Weights weights() {
        return weights;
    }

    /** The updates by the names of their layers, without {@code base_model.model.} */
    public Map<String, Parts> layers() {
        return layers;
    }

    /** The key under which PEFT keeps a part of a layer's update, such as {@code lora_A}. */
    public static String key(String layer, String part) {
        return PREFIX + layer + "." + part + (part.equals("lora_magnitude_vector") ? "" : ".weight");
    }

    /**
     * Writes an adapter's folder beside its place and moves it there; an earlier one there is replaced.
     *
     * @param tensors named by {@link #key}
     * @throws InputException if it cannot be written
     */
    public static void write(Path folder, PeftConfig config, List<TensorOutput> tensors) {
        DraftFolder.write(folder, "the adapter", draft -> {
            Files.write(
                    draft.resolve(CONFIG), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(config.write()));
            Safetensors.stream(draft.resolve(WEIGHTS), Map.of("format", "pt"), tensors, written -> {});
        });
    }

    @Override
    public void close() {
        weights.close();
    }

    private static String shorten(String text) {
        return text.length() <= 120 ? text : text.substring(0, 120) + "…";
    }
}
