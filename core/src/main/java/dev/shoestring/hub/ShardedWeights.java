package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Weights in several safetensors files, by their {@code model.safetensors.index.json}. */
final class ShardedWeights implements Weights {
    private static final String SAFE_NAME = "[A-Za-z0-9._-]+\\.safetensors";

    private static final long LARGEST_INDEX = 64L << 20;

    private final Map<String, Weights> shardOf = new LinkedHashMap<>();
    private final Map<String, Weights> shards = new LinkedHashMap<>();

    private ShardedWeights() {}

    static ShardedWeights open(Path index) {
        ShardedWeights all = new ShardedWeights();
        try {
            if (Files.size(index) > LARGEST_INDEX) {
                throw new InputException(index + ": is larger than 64 MiB, which no index is; fetch it again");
            }
            JsonNode map =
                    Models.object(Files.readAllBytes(index), index.toString()).path("weight_map");
            if (!map.isObject() || map.isEmpty()) {
                throw new InputException(index + ": weight_map must name each tensor's file; fetch the index again");
            }
            map.properties()
                    .forEach(entry ->
                            all.add(index, entry.getKey(), entry.getValue().asText()));
            return all;
        } catch (IOException failed) {
            throw new InputException(index + ": cannot be read (" + failed + ")", failed);
        } catch (RuntimeException refused) {
            all.close();
            throw refused;
        }
    }

    private void add(Path index, String tensor, String file) {
        if (!file.matches(SAFE_NAME)) {
            throw new InputException(index + ": names the shard \"" + file + "\", which is no plain file name");
        }
        Path path = index.resolveSibling(file);
        if (!Files.isRegularFile(path)) {
            throw new InputException(index + ": the shard " + file + " is missing; fetch it");
        }
        Weights shard = shards.computeIfAbsent(file, name -> Safetensors.open(path));
        if (!shard.tensors().containsKey(tensor)) {
            throw new InputException(index + ": says that " + file + " holds " + tensor + ", but it does not");
        }
        shardOf.put(tensor, shard);
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        // By the index: a shard may hold a tensor that the index finds in another.
        shardOf.forEach((name, shard) ->
                infos.put(name, Objects.requireNonNull(shard.tensors().get(name))));
        return infos;
    }

    @Override
    public ByteBuffer read(String name) {
        Weights shard = shardOf.get(name);
        if (shard == null) {
            throw new IllegalArgumentException("no shard holds " + name);
        }
        return shard.read(name);
    }

    @Override
    public Optional<Place> place(String name) {
        return Optional.ofNullable(shardOf.get(name)).flatMap(shard -> shard.place(name));
    }

    @Override
    public void close() {
        shards.values().forEach(Weights::close);
    }
}
