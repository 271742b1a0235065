package dev.shoestring.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Weights in one safetensors file, or above a size in several with an index, named and cut as Transformers does. */
public final class ModelShards {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ModelShards() {}

    /**
     * Writes {@code model.safetensors}, or {@code model-00001-of-0000N.safetensors} and {@code model.safetensors.index.json}.
     *
     * @param shardSize most bytes of values in one file; a tensor that is larger has a file of its own
     * @param written told of each tensor that is written
     */
    public static void write(Path folder, List<TensorOutput> tensors, long shardSize, Consumer<TensorInfo> written)
            throws IOException {
        List<List<TensorOutput>> shards = cut(tensors, shardSize);
        Map<String, String> metadata = Map.of("format", "pt");
        if (shards.size() == 1) {
            Safetensors.stream(folder.resolve("model.safetensors"), metadata, tensors, written);
            return;
        }
        Map<String, String> places = new TreeMap<>();
        long bytes = 0;
        long elements = 0;
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
            for (TensorOutput tensor : shards.get(i)) {
                places.put(tensor.info().name(), name);
                bytes += tensor.info().byteSize();
                elements += tensor.info().elements();
            }
            Safetensors.stream(folder.resolve(name), metadata, shards.get(i), written);
        }
        ObjectNode index = JSON.createObjectNode();
        index.putObject("metadata").put("total_parameters", elements).put("total_size", bytes);
        ObjectNode map = index.putObject("weight_map");
        places.forEach(map::put);
        Files.write(
                folder.resolve("model.safetensors.index.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(index));
    }

    private static List<List<TensorOutput>> cut(List<TensorOutput> tensors, long shardSize) {
        List<List<TensorOutput>> shards = new ArrayList<>();
        List<TensorOutput> shard = new ArrayList<>();
        long size = 0;
        for (TensorOutput tensor : tensors) {
            long bytes = tensor.info().byteSize();
            if (!shard.isEmpty() && size + bytes > shardSize) {
                shards.add(shard);
                shard = new ArrayList<>();
                size = 0;
            }
            shard.add(tensor);
            size += bytes;
        }
        shards.add(shard);
        return shards;
    }
}
