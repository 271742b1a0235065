package dev.shoestring.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The decoders of {@code compat/make_decoder_fixtures.py} as model folders, for tests of reading and writing. */
public final class TinyDecoder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREFIX = "weights.";

    private TinyDecoder() {}

    /** The configuration of a variant, as Transformers wrote it. */
    public static JsonNode config(String variant) {
        try {
            return JSON.readTree(resource("decoder-" + variant + ".json").toFile());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A variant's weights in single precision, by name. */
    public static Map<String, Safetensors.TensorData> tensors(String variant) {
        Map<String, Safetensors.TensorData> tensors = new LinkedHashMap<>();
        try (Weights fixture = Safetensors.open(resource("decoder-" + variant + ".safetensors"))) {
            fixture.tensors().forEach((key, info) -> {
                if (key.startsWith(PREFIX)) {
                    String name = key.substring(PREFIX.length());
                    tensors.put(
                            name,
                            new Safetensors.TensorData(
                                    new TensorInfo(name, info.type(), info.shape()), fixture.read(key)));
                }
            });
        }
        return tensors;
    }

    /** Token ids (2, 12) of the fixture. */
    public static Tensor ids(String variant) {
        return fixture(variant, "ids").to(DType.INT64);
    }

    /** Logits (2, 12, V) of the fixture. */
    public static float[] logits(String variant) {
        try (TensorScope scope = TensorScope.open()) {
            return fixture(variant, "logits").toFloats();
        }
    }

    /** What a decoder computes for the fixture's ids. */
    public static float[] logits(Decoder decoder, String variant) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor ids_BT = ids(variant);
            int tokens = Math.toIntExact(ids_BT.size(1));
            return decoder.logits(ids_BT, Visibility.of(decoder, new int[][] {{0}, {0}}, tokens))
                    .toFloats();
        }
    }

    /** Writes {@code config.json} and {@code model.safetensors} of a variant. */
    public static Path folder(Path folder, String variant) throws IOException {
        Files.createDirectories(folder);
        JSON.writeValue(folder.resolve("config.json").toFile(), config(variant));
        write(folder.resolve("model.safetensors"), tensors(variant));
        return folder;
    }

    /** Writes tensors to a file. */
    public static void write(Path file, Map<String, Safetensors.TensorData> tensors) {
        List<Safetensors.TensorData> renamed = new ArrayList<>();
        tensors.forEach((name, data) -> renamed.add(new Safetensors.TensorData(
                new TensorInfo(name, data.info().type(), data.info().shape()), data.bytes())));
        Safetensors.write(file, Map.of("format", "pt"), renamed);
    }

    /** A tensor of zeros to be written. */
    public static Safetensors.TensorData zeros(String name, Long... shape) {
        TensorInfo info = new TensorInfo(name, ElementType.F32, List.of(shape));
        return new Safetensors.TensorData(info, ByteBuffer.allocateDirect(Math.toIntExact(info.byteSize())));
    }

    private static Tensor fixture(String variant, String name) {
        try (Weights fixture = Safetensors.open(resource("decoder-" + variant + ".safetensors"))) {
            TensorInfo info = Objects.requireNonNull(fixture.tensors().get(name));
            return Tensor.ofBytes(
                    fixture.read(name),
                    DType.FLOAT32,
                    info.shape().stream().mapToLong(Long::longValue).toArray());
        }
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(TinyDecoder.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
