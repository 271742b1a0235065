package dev.shoestring.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.Close;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.Weights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Transformers: the fixtures are made by {@code compat/make_decoder_fixtures.py}. */
final class DecoderParityTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TOKENS = 12;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama-biased", "mistral", "qwen2", "qwen3"})
    void logitsLossAndGradientsEqualTheirs(String name) throws Exception {
        try (TensorScope scope = TensorScope.open();
                Weights fixture = Safetensors.open(resource(name + ".safetensors"));
                ParameterStore store = store(fixture)) {
            Decoder decoder = new Decoder(config(name), store);
            assertThat(store.initialized()).isEmpty();
            assertThat(store.count()).isEqualTo(decoder.config().parameters());
            assertThat(store.all()).hasSize((int) fixture.tensors().keySet().stream()
                    .filter(key -> key.startsWith("weights."))
                    .count());
            Tensor ids_BT = ids(fixture);
            Tensor logits = decoder.logits(ids_BT, Visibility.of(decoder, new int[][] {{0}, {0}}, TOKENS));
            Close.fp32("logits", logits.toFloats(), floats(fixture, "logits"));
            Tensor loss = logits.narrow(1, 0, TOKENS - 1)
                    .reshape(-1, decoder.config().vocabSize())
                    .crossEntropySum(
                            ids_BT.narrow(1, 1, TOKENS - 1).contiguous().view(-1), 0);
            Close.fp32("loss", loss.reshape(1).toFloats(), floats(fixture, "loss"));
            loss.backward();
            store.trainable()
                    .forEach((key, parameter) -> Close.fp32Norm(
                            "gradient of " + key,
                            Objects.requireNonNull(parameter.grad(), key).toFloats(),
                            floats(fixture, "grad." + key)));
        }
    }

    /** A sequence seen in pieces through the cache, rows beginning at different places, gives what it gives at once. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3"})
    void aCacheChangesNothing(String name) throws Exception {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                Weights fixture = Safetensors.open(resource(name + ".safetensors"));
                ParameterStore store = store(fixture)) {
            Decoder decoder = new Decoder(config(name), store);
            float[] whole = floats(fixture, "logits");
            int pieces = decoder.config().vocabSize();
            long[] ids = ids(fixture).toLongs();
            int[] padding = {3, 0};
            try (KeyValueCache cache = new KeyValueCache(decoder.config(), 2, TOKENS + 3, DType.FLOAT32)) {
                // Row 0 begins three places later: both rows reach the same length when row 1 has three tokens more.
                int[] chunks = {7, 1, 1, 3};
                for (int chunk : chunks) {
                    long[] piece = new long[2 * chunk];
                    for (int i = 0; i < chunk; i++) {
                        int place = cache.length() + i;
                        piece[i] = place < padding[0] ? 0 : ids[place - padding[0]];
                        piece[chunk + i] = ids[TOKENS + place];
                    }
                    Tensor logits =
                            decoder.logits(Tensor.of(piece, 2, chunk), Visibility.next(decoder, cache, padding, chunk));
                    for (int i = 0; i < chunk; i++) {
                        int place = cache.length() + i;
                        if (place >= padding[0]) {
                            Close.fp32(
                                    "row 0 at " + place,
                                    row(logits.toFloats(), i, pieces),
                                    row(whole, place - padding[0], pieces));
                        }
                        Close.fp32(
                                "row 1 at " + place,
                                row(logits.toFloats(), chunk + i, pieces),
                                row(whole, TOKENS + place, pieces));
                    }
                    cache.advance(chunk);
                }
            }
        }
    }

    /** Two documents in one row give what each gives alone. */
    @ParameterizedTest
    @ValueSource(strings = {"llama3", "mistral", "qwen3"})
    void packedDocumentsDoNotSeeEachOther(String name) throws Exception {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                Weights fixture = Safetensors.open(resource(name + ".safetensors"));
                ParameterStore store = store(fixture)) {
            Decoder decoder = new Decoder(config(name), store);
            float[] whole = floats(fixture, "logits");
            int pieces = decoder.config().vocabSize();
            Tensor packed = ids(fixture).view(1, 2 * TOKENS);
            float[] logits = decoder.logits(packed, Visibility.of(decoder, new int[][] {{0, TOKENS}}, 2 * TOKENS))
                    .toFloats();
            Close.fp32("both documents", logits, whole);
            assertThat(logits).hasSize(2 * TOKENS * pieces);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama-biased", "mistral", "qwen2", "qwen3"})
    void theConfigurationIsReadBackAsWritten(String name) throws Exception {
        DecoderConfig config = config(name);
        assertThat(DecoderConfigs.read(DecoderConfigs.write(config), "written")).isEqualTo(config);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model_type|\"gpt2\"|model_type must be one of llama, mistral, qwen2, qwen3",
                "hidden_act|\"gelu\"|hidden_act must be silu",
                "num_attention_heads|3|num_attention_heads (3) must be a multiple of num_key_value_heads (2)",
                "head_dim|5|head_dim (5) must be even",
                "vocab_size|-4|vocab_size must be a whole number",
                "hidden_size|1e400|hidden_size must be a whole number",
                "quantization_config|{\"bits\": 4}|quantization_config is not supported",
                "rope_parameters|{\"rope_type\": \"yarn\"}|rope_type must be default, linear or llama3",
                "partial_rotary_factor|0.5|partial_rotary_factor must be 1"
            })
    void whatIsNotSupportedIsRefusedByName(String key, String value, String message) throws IOException {
        ObjectNode json =
                (ObjectNode) JSON.readTree(resourceUnchecked("llama.json").toFile());
        json.set(key, JSON.readTree(value));
        assertThatThrownBy(() -> DecoderConfigs.read(json, "model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void allProblemsAreNamedAtOnce() {
        assertThatThrownBy(() -> DecoderConfigs.read(JSON.createObjectNode().put("model_type", "llama"), "model"))
                .hasMessageContaining("hidden_size")
                .hasMessageContaining("num_hidden_layers")
                .hasMessageContaining("vocab_size");
    }

    private static DecoderConfig config(String name) throws Exception {
        JsonNode json = JSON.readTree(resource(name + ".json").toFile());
        return DecoderConfigs.read(json, name);
    }

    private static ParameterStore store(Weights fixture) {
        return new ParameterStore(key -> load(fixture, "weights." + key), 0);
    }

    private static Tensor ids(Weights fixture) {
        return Objects.requireNonNull(load(fixture, "ids")).to(DType.INT64);
    }

    private static float[] row(float[] values, int row, int width) {
        return java.util.Arrays.copyOfRange(values, row * width, (row + 1) * width);
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(DecoderParityTest.class.getResource("decoder-" + name))
                .toURI());
    }

    private static Path resourceUnchecked(String name) {
        try {
            return resource(name);
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static @Nullable Tensor load(Weights fixture, String name) {
        var info = fixture.tensors().get(name);
        return info == null
                ? null
                : Tensor.ofBytes(
                        fixture.read(name),
                        DType.FLOAT32,
                        info.shape().stream().mapToLong(Long::longValue).toArray());
    }

    private static float[] floats(Weights fixture, String name) {
        try (TensorScope scope = TensorScope.open()) {
            return Objects.requireNonNull(load(fixture, name), name).toFloats();
        }
    }
}
