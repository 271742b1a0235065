package dev.shoestring.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import dev.shoestring.RealModel;
import dev.shoestring.recipe.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Files from strangers: each is read rightly or refused with a message, never anything else. */
final class HostileWeightsTest {
    private static final int MUTATIONS = 3000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Path file = small();
        try (Weights weights = Safetensors.open(file)) {
            assertThat(weights.tensors().keySet()).containsExactlyInAnyOrder("a", "b");
            ByteBuffer b = weights.read("b").order(ByteOrder.LITTLE_ENDIAN);
            assertThat(b.getFloat()).isEqualTo(6f);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,800]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1e30],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":\"x\",\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
                "{\"a\":[]}",
                "[]",
                "not json",
            })
    void hostileHeadersAreRefused(String header) throws IOException {
        Path file = folder.resolve("hostile.safetensors");
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        Files.write(file, bytes.array());
        refused(file);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 1, 17, 100, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE})
    void headerLengthsBeyondTheFileAreRefused(long length) throws IOException {
        Path file = folder.resolve("length.safetensors");
        ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length);
        Files.write(file, bytes.array());
        refused(file);
    }

    @Test
    void truncatedFilesAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(small());
        for (int size = 0; size < whole.length; size++) {
            Path file = folder.resolve("truncated.safetensors");
            Files.write(file, Arrays.copyOf(whole, size));
            refused(file);
        }
    }

    private static void refused(Path file) {
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file.toString());
    }

    @Test
    void mutatedSafetensorsAreReadOrRefused() throws IOException {
        byte[] whole = Files.readAllBytes(small());
        Path file = folder.resolve("mutated.safetensors");
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            Files.write(file, mutated(whole, random));
            try (Weights weights = Safetensors.open(file)) {
                weights.tensors().keySet().forEach(weights::read);
            } catch (InputException expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 10, MUTATIONS);
    }

    @Test
    void mutatedOnnxIsReadOrRefused() throws IOException {
        byte[] whole = tinyOnnx();
        assertThat(OnnxGraph.parse(ByteBuffer.wrap(whole), "tiny").initializers())
                .containsKey("w");
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            try {
                OnnxBert.read(ByteBuffer.wrap(mutated(whole, random)), "mutated");
            } catch (InputException expected) {
                assertThat(expected).hasMessageStartingWith("mutated");
                refused++;
            }
        }
        // The tiny graph is no BERT: all must be refused, each in words.
        assertThat(refused).isEqualTo(MUTATIONS);
    }

    @Test
    void theRealOnnxTruncatedIsRefused() throws IOException {
        byte[] whole = RealModel.onnx();
        for (int size : new int[] {0, 1, 100, 10_000, 1 << 20, whole.length / 2, whole.length - 1}) {
            assertThatThrownBy(() -> OnnxBert.read(ByteBuffer.wrap(Arrays.copyOf(whole, size)), "cut.onnx"))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith("cut.onnx");
        }
    }

    private static byte[] mutated(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(5) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    private Path small() throws IOException {
        Path file = folder.resolve("small.safetensors");
        ByteBuffer a = ByteBuffer.allocateDirect(24).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer b =
                ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 6f);
        Safetensors.write(
                file,
                Map.of("format", "pt"),
                List.of(
                        new Safetensors.TensorData(new TensorInfo("a", ElementType.F32, List.of(2L, 3L)), a),
                        new Safetensors.TensorData(new TensorInfo("b", ElementType.F32, List.of(1L)), b)));
        return file;
    }

    private static byte[] tinyOnnx() throws IOException {
        byte[] tensor = message(out -> {
            out.writeInt64(1, 2);
            out.writeInt64(1, 3);
            out.writeInt32(2, 1);
            out.writeString(8, "w");
            out.writeByteArray(9, new byte[24]);
        });
        byte[] node = message(out -> {
            out.writeString(1, "x");
            out.writeString(1, "w");
            out.writeString(2, "y");
            out.writeString(4, "MatMul");
        });
        byte[] graph = message(out -> {
            out.writeByteArray(1, node);
            out.writeByteArray(5, tensor);
        });
        return message(out -> out.writeByteArray(7, graph));
    }

    private interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        writing.to(out);
        out.flush();
        return bytes.toByteArray();
    }
}
