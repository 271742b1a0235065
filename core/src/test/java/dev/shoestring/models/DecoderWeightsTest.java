package dev.shoestring.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.Close;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.Weights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DecoderWeightsTest {
    private static final ParameterStore.Storage FROZEN = new ParameterStore.Storage(DType.FLOAT32, false);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama-biased", "mistral", "qwen2", "qwen3"})
    void mappedWeightsComputeTheSame(String variant) {
        Path file = folder.resolve("model.safetensors");
        TinyDecoder.write(file, TinyDecoder.tensors(variant));
        Close.fp32("mapped", logits(variant, file, FROZEN), TinyDecoder.logits(variant));
        Close.fp32("copied", logits(variant, file, ParameterStore.Storage.TRAINED), TinyDecoder.logits(variant));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama-biased", "mistral", "qwen2", "qwen3"})
    void shapesAreThoseThatTheDecoderAsksFor(String variant) {
        DecoderConfig config = config(variant);
        try (ParameterStore store = ParameterStore.fresh(0)) {
            new Decoder(config, store);
            Map<String, List<Long>> asked = new LinkedHashMap<>();
            store.all()
                    .forEach((name, tensor) -> asked.put(
                            name, Arrays.stream(tensor.shape()).boxed().toList()));
            assertThat(List.copyOf(DecoderShapes.of(config).entrySet())).isEqualTo(List.copyOf(asked.entrySet()));
        }
    }

    /** A frozen parameter of the type on disk is the mapped file itself: what is written to the file is seen in it. */
    @Test
    void aFrozenParameterIsTheFileItself() throws IOException {
        Path file = folder.resolve("model.safetensors");
        TinyDecoder.write(file, TinyDecoder.tensors("llama"));
        try (Weights weights = Safetensors.open(file);
                DecoderWeights source = DecoderWeights.of(config("llama"), weights, "here");
                ParameterStore store = new ParameterStore(source, 0, FROZEN)) {
            new Decoder(config("llama"), store);
            source.close();
            Tensor norm = Objects.requireNonNull(store.all().get("model.norm.weight"));
            long offset = weights.place("model.norm.weight").orElseThrow().offset();
            try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
                ByteBuffer value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                channel.write(value.putFloat(0, 42f), offset);
            }
            assertThat(norm.toFloats()[0]).isEqualTo(42f);
        }
    }

    @Test
    void weightsAtOddPlacesAreCopied() throws IOException {
        Path file = folder.resolve("model.safetensors");
        TinyDecoder.write(file, TinyDecoder.tensors("qwen3"));
        byte[] whole = Files.readAllBytes(file);
        long header = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        // One space more in the header moves all values by one byte.
        ByteBuffer moved = ByteBuffer.allocate(whole.length + 1).order(ByteOrder.LITTLE_ENDIAN);
        moved.putLong(header + 1).put(whole, 8, (int) header).put((byte) ' ');
        moved.put(whole, 8 + (int) header, whole.length - 8 - (int) header);
        Files.write(file, moved.array());
        Close.fp32("odd", logits("qwen3", file, FROZEN), TinyDecoder.logits("qwen3"));
    }

    @Test
    void checkpointsWithoutThePrefixAreRead() {
        Map<String, Safetensors.TensorData> bare = new LinkedHashMap<>();
        TinyDecoder.tensors("qwen2").forEach((name, data) -> bare.put(name.replaceFirst("^model\\.", ""), data));
        bare.put("layers.0.self_attn.rotary_emb.inv_freq", TinyDecoder.zeros("x", 2L));
        Path file = folder.resolve("model.safetensors");
        TinyDecoder.write(file, bare);
        Close.fp32("bare", logits("qwen2", file, FROZEN), TinyDecoder.logits("qwen2"));
    }

    @Test
    void aTiedHeadThatIsStoredTwiceMustBeTheEmbeddings() {
        Map<String, Safetensors.TensorData> twice = TinyDecoder.tensors("qwen2");
        Path file = folder.resolve("model.safetensors");
        twice.put("lm_head.weight", Objects.requireNonNull(twice.get("model.embed_tokens.weight")));
        TinyDecoder.write(file, twice);
        Close.fp32("twice", logits("qwen2", file, FROZEN), TinyDecoder.logits("qwen2"));
        twice.put("lm_head.weight", TinyDecoder.zeros("x", 40L, 16L));
        TinyDecoder.write(file, twice);
        refused("qwen2", file, "here: config.json says tie_word_embeddings, but lm_head.weight is not");
    }

    @Test
    void everythingThatDiffersIsNamed() {
        Map<String, Safetensors.TensorData> tensors = TinyDecoder.tensors("llama");
        tensors.keySet().removeIf(name -> name.endsWith("_proj.weight"));
        tensors.put("model.layers.7.extra", TinyDecoder.zeros("x", 1L));
        tensors.put("model.norm.weight", TinyDecoder.zeros("x", 17L));
        tensors.put("norm.weight", TinyDecoder.zeros("x", 16L));
        Path file = folder.resolve("model.safetensors");
        TinyDecoder.write(file, tensors);
        refused(
                "llama",
                file,
                "14 missing (model.layers.0.self_attn.q_proj.weight, model.layers.0.self_attn.k_proj.weight, "
                        + "model.layers.0.self_attn.v_proj.weight, model.layers.0.self_attn.o_proj.weight, "
                        + "model.layers.0.mlp.gate_proj.weight, …); 2 unexpected (model.layers.7.extra, "
                        + "norm.weight (there is model.norm.weight too)); "
                        + "1 of another shape (model.norm.weight is [17] instead of [16])");
    }

    @Test
    void aHugeConfigurationIsRefusedBeforeAnythingIsAllocated() {
        Path file = folder.resolve("model.safetensors");
        TinyDecoder.write(file, TinyDecoder.tensors("llama"));
        ObjectNode json = TinyDecoder.config("llama").deepCopy();
        json.put("vocab_size", 1 << 24).put("hidden_size", 1 << 24).put("num_attention_heads", 4);
        try (Weights weights = Safetensors.open(file)) {
            DecoderConfig config = DecoderConfigs.read(json, "here");
            assertThatThrownBy(() -> DecoderWeights.of(config, weights, "here"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("21 of another shape (lm_head.weight is [40, 16] instead of");
        }
    }

    @Test
    void wholeNumbersAreNoWeights() throws IOException {
        Path file = folder.resolve("model.safetensors");
        TinyDecoder.write(file, TinyDecoder.tensors("llama"));
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1).replaceFirst("\"F32\"", "\"I32\"");
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
        refused("llama", file, "has element type I32, weights are floating-point");
    }

    private static void refused(String variant, Path file, String message) {
        try (Weights weights = Safetensors.open(file)) {
            assertThatThrownBy(() -> DecoderWeights.of(config(variant), weights, "here"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(message);
        }
    }

    private static float[] logits(String variant, Path file, ParameterStore.Storage storage) {
        try (Weights weights = Safetensors.open(file);
                DecoderWeights source = DecoderWeights.of(config(variant), weights, "here");
                ParameterStore store = new ParameterStore(source, 0, storage)) {
            Decoder decoder = new Decoder(config(variant), store);
            source.close();
            assertThat(store.initialized()).isEmpty();
            return TinyDecoder.logits(decoder, variant);
        }
    }

    private static DecoderConfig config(String variant) {
        JsonNode json = TinyDecoder.config(variant);
        return DecoderConfigs.read(json, variant);
    }
}
