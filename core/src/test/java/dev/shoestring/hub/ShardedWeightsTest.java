package dev.shoestring.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shards that are missing, cut short, or disagree with their index: one message each. */
final class ShardedWeightsTest {
    private static final String GOOD = "{\"metadata\": {\"total_size\": 32}, \"weight_map\": "
            + "{\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}";
    private static final int MUTATIONS = 1000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void shardsAreReadByTheirIndex() throws IOException {
        shards();
        try (Weights weights = ShardedWeights.open(index(GOOD))) {
            assertThat(weights.tensors().keySet()).containsExactly("a", "b");
            assertThat(weights.place("b").orElseThrow().file()).isEqualTo(folder.resolve("two.safetensors"));
            assertThat(weights.read("b").remaining()).isEqualTo(16);
        }
    }

    /** The index says which shard counts where two hold a tensor of one name. */
    @Test
    void theIndexDecides() throws IOException {
        write("one.safetensors", "a", 2, "b", 3);
        write("two.safetensors", "b", 4);
        try (Weights weights = ShardedWeights.open(index(GOOD))) {
            assertThat(weights.tensors().get("b")).isEqualTo(new TensorInfo("b", ElementType.F32, List.of(4L)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"weight_map\": {\"a\": \"three.safetensors\"}}|the shard three.safetensors is missing",
                "{\"weight_map\": {\"c\": \"one.safetensors\"}}|says that one.safetensors holds c, but it does not",
                "{\"weight_map\": {\"a\": \"../one.safetensors\"}}|which is no plain file name",
                "{\"weight_map\": {\"a\": \"/one.safetensors\"}}|which is no plain file name",
                "{\"weight_map\": {\"a\": \"one.bin\"}}|which is no plain file name",
                "{\"weight_map\": {\"a\": 7}}|which is no plain file name",
                "{\"weight_map\": {}}|weight_map must name each tensor's file",
                "{\"weight_map\": []}|weight_map must name each tensor's file",
                "{}|weight_map must name each tensor's file",
                "[]|is no JSON object",
                "{\"weight_map\"|is not valid JSON"
            })
    void hostileIndicesAreRefused(String json, String message) throws IOException {
        shards();
        Path index = index(json);
        assertThatThrownBy(() -> ShardedWeights.open(index))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(index.toString())
                .hasMessageContaining(message);
    }

    @Test
    void aShardThatIsCutShortIsRefused() throws IOException {
        shards();
        Path shard = folder.resolve("two.safetensors");
        byte[] whole = Files.readAllBytes(shard);
        for (int size : new int[] {0, 7, 8, 20, whole.length - 1}) {
            Files.write(shard, Arrays.copyOf(whole, size));
            assertThatThrownBy(() -> ShardedWeights.open(index(GOOD)))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(shard.toString());
        }
    }

    @Test
    void mutatedIndicesAreReadOrRefused() throws IOException {
        shards();
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = GOOD.getBytes(StandardCharsets.UTF_8);
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            Path index = folder.resolve("model.safetensors.index.json");
            Files.write(index, bytes);
            try (Weights weights = ShardedWeights.open(index)) {
                weights.tensors().keySet().forEach(weights::read);
            } catch (InputException expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS - 1);
    }

    private void shards() {
        write("one.safetensors", "a", 4);
        write("two.safetensors", "b", 4);
    }

    private Path index(String json) throws IOException {
        return Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    private void write(String file, Object... namesAndSizes) {
        Safetensors.TensorData[] tensors = new Safetensors.TensorData[namesAndSizes.length / 2];
        for (int i = 0; i < tensors.length; i++) {
            int size = (Integer) namesAndSizes[2 * i + 1];
            TensorInfo info = new TensorInfo((String) namesAndSizes[2 * i], ElementType.F32, List.of((long) size));
            tensors[i] = new Safetensors.TensorData(info, ByteBuffer.allocateDirect(4 * size));
        }
        Safetensors.write(folder.resolve(file), Map.of(), List.of(tensors));
    }
}
