package dev.shoestring.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.models.BagOfWords;
import dev.shoestring.models.BagOfWordsSettings;
import dev.shoestring.models.BagOfWordsWeights;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A bag of words on disk: {@code config.json} with its settings and labels, {@code model.safetensors} with its numbers. */
final class BagOfWordsFolder {
    static final String MODEL_TYPE = "shoestring-bag-of-words";
    private static final ObjectMapper JSON = new ObjectMapper();

    private BagOfWordsFolder() {}

    static void write(Path folder, BagOfWords model, List<String> labels) {
        ObjectNode config = JSON.createObjectNode();
        config.put("model_type", MODEL_TYPE);
        BagOfWordsSettings settings = model.settings();
        config.put("bits", settings.bits());
        config.put("shortest_letters", settings.shortestLetters());
        config.put("longest_letters", settings.longestLetters());
        config.put("rarity_power", settings.rarityPower());
        config.put("learning_rate", settings.learningRate());
        config.put("epochs", settings.epochs()).put("patience", settings.patience());
        ObjectNode names = config.putObject("id2label");
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
        }
        BagOfWordsWeights stored = model.stored();
        long known = stored.buckets().length;
        try {
            Files.createDirectories(folder);
            Safetensors.write(
                    folder.resolve("model.safetensors"),
                    Map.of("format", "pt"),
                    List.of(
                            integers("buckets", stored.buckets()),
                            floats("scales", stored.scales(), List.of(known)),
                            floats("weights", stored.weights(), List.of((long) labels.size(), known)),
                            floats("bias", stored.bias(), List.of((long) labels.size()))));
            Files.write(
                    folder.resolve("config.json"),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(config));
        } catch (IOException failed) {
            throw new InputException(folder + ": cannot be written (" + RunFolder.reason(failed) + ")", failed);
        }
    }

    private static Safetensors.TensorData integers(String name, int[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Integer.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return new Safetensors.TensorData(new TensorInfo(name, ElementType.I32, List.of((long) values.length)), bytes);
    }

    private static Safetensors.TensorData floats(String name, float[] values, List<Long> shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new Safetensors.TensorData(new TensorInfo(name, ElementType.F32, shape), bytes);
    }

    static BagOfWords read(Path folder, JsonNode config, int numLabels) {
        Path file = folder.resolve("model.safetensors");
        try (Weights weights = Safetensors.open(file)) {
            int[] buckets = new int[count(weights, file, "buckets", ElementType.I32)];
            weights.read("buckets").order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(buckets);
            float[] bias = floats(weights, file, "bias");
            if (bias.length != numLabels) {
                throw new InputException(file + ": has " + bias.length + " biases, but config.json names " + numLabels
                        + " labels; they do not belong together");
            }
            BagOfWordsSettings settings = new BagOfWordsSettings(
                    config.path("bits").asInt(),
                    config.path("shortest_letters").asInt(),
                    config.path("longest_letters").asInt(),
                    config.path("rarity_power").asDouble(),
                    config.path("learning_rate").asDouble(),
                    config.path("epochs").asInt(),
                    config.path("patience").asInt());
            return new BagOfWords(
                    settings,
                    new BagOfWordsWeights(
                            file.toString(),
                            buckets,
                            floats(weights, file, "scales"),
                            floats(weights, file, "weights"),
                            bias));
        }
    }

    private static float[] floats(Weights weights, Path file, String name) {
        float[] values = new float[count(weights, file, name, ElementType.F32)];
        weights.read(name).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    private static int count(Weights weights, Path file, String name, ElementType type) {
        TensorInfo info = weights.tensors().get(name);
        if (info == null || info.type() != type || info.elements() > Integer.MAX_VALUE / 4) {
            throw new InputException(file + ": has no tensor " + name + " of type " + type
                    + " and reasonable size; it is no bag of words of ours");
        }
        return (int) info.elements();
    }
}
