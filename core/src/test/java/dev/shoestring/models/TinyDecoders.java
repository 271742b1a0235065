package dev.shoestring.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.Weights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** The decoders of the fixtures that {@code compat/make_decoder_fixtures.py} makes, to be used and not trained. */
public final class TinyDecoders implements AutoCloseable {
    private final Weights fixture;
    private final ParameterStore store;
    private final Decoder decoder;

    private TinyDecoders(String name) throws IOException {
        fixture = Safetensors.open(resource(name + ".safetensors"));
        store = new ParameterStore(key -> load("weights." + key), 0, new ParameterStore.Storage(DType.FLOAT32, false));
        decoder = new Decoder(DecoderConfigs.read(json(name), name), store);
    }

    /** Opens a variant: llama, llama3, llama-biased, mistral, qwen2 or qwen3. */
    public static TinyDecoders open(String name) throws IOException {
        return new TinyDecoders(name);
    }

    /** The {@code config.json} of a variant. */
    public static JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(resource(name + ".json").toFile());
    }

    /** The decoder. */
    public Decoder decoder() {
        return decoder;
    }

    /** The whole fixture. */
    public Weights fixture() {
        return fixture;
    }

    /** Whole numbers of the fixture. */
    public int[] numbers(String name) {
        try (TensorScope scope = TensorScope.open()) {
            long[] wide = load(name).toLongs();
            return java.util.Arrays.stream(wide).mapToInt(Math::toIntExact).toArray();
        }
    }

    private Tensor load(String name) {
        var info = Objects.requireNonNull(fixture.tensors().get(name), name);
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        return Tensor.ofBytes(fixture.read(name), DType.FLOAT32, shape);
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(TinyDecoders.class.getResource("decoder-" + name))
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void close() {
        store.close();
        fixture.close();
    }
}
