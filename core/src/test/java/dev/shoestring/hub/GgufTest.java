package dev.shoestring.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layout byte by byte; that the real reader reads it is shown by {@code compat/load_exports.py}. */
final class GgufTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void headerMetadataAndTensorsLieWhereTheFormatSays() throws IOException {
        ByteBuffer file = written(GgufType.F32, new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(file.getInt()).isEqualTo(0x46554747);
        assertThat(file.getInt()).isEqualTo(3);
        assertThat(file.getLong()).isEqualTo(1);
        assertThat(file.getLong()).isEqualTo(1);
        assertThat(text(file)).isEqualTo("general.name");
        assertThat(file.getInt()).isEqualTo(8);
        assertThat(text(file)).isEqualTo("tiny");
        assertThat(text(file)).isEqualTo("x");
        assertThat(file.getInt()).isEqualTo(2);
        assertThat(file.getLong()).as("innermost first").isEqualTo(3);
        assertThat(file.getLong()).isEqualTo(2);
        assertThat(file.getInt()).isZero();
        assertThat(file.getLong()).isZero();
        int data = (file.position() + 31) / 32 * 32;
        assertThat(file.getFloat(data + 20)).isEqualTo(6);
        assertThat(file.capacity()).isEqualTo(data + 32);
    }

    @Test
    void blocksOfEightBitsShareAFactor() throws IOException {
        float[] values = new float[64];
        for (int i = 0; i < 64; i++) {
            values[i] = i < 32 ? i - 16 : 0;
        }
        values[3] = 127;
        values[4] = -2.5f;
        ByteBuffer file = written(GgufType.Q8_0, values, 2, 32);
        int data = file.capacity() - 96;
        assertThat(file.getShort(data)).as("1 in half precision").isEqualTo((short) 0x3C00);
        assertThat(file.get(data + 2)).isEqualTo((byte) -16);
        assertThat(file.get(data + 2 + 3)).isEqualTo((byte) 127);
        assertThat(file.get(data + 2 + 4)).as("halves away from zero").isEqualTo((byte) -3);
        assertThat(file.getShort(data + 34)).as("a block of zeros").isZero();
    }

    @Test
    void rowsThatAreNoWholeBlocksStayInHalfPrecision() throws IOException {
        ByteBuffer file = written(GgufType.Q8_0, new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(file.getShort(file.capacity() - 32)).isEqualTo((short) 0x3C00);
    }

    @Test
    void whatHalfPrecisionCannotHoldIsRefused() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor large = Tensor.of(new float[] {1, -70_000}, 2);
            TensorOutput output = new TensorOutput(new TensorInfo("w", ElementType.F16, List.of(2L)), () -> large);
            assertThatThrownBy(() -> Safetensors.stream(
                            folder.resolve("x.safetensors"), Map.of(), List.of(output), written -> {}))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("w has the value 70000.0, which half precision cannot hold");
            assertThat(folder.resolve("x.safetensors")).doesNotExist();
        }
    }

    @Test
    void byteFallbackBecomesScoresByTheRankOfTheMerge() {
        String json =
                "{\"added_tokens\": [{\"id\": 0, \"content\": \"<unk>\", \"special\": true}], \"model\": {\"type\": "
                        + "\"BPE\", \"byte_fallback\": true, \"unk_token\": \"<unk>\", \"vocab\": {\"<unk>\": 0, \"<0x41>\": 1, "
                        + "\"a\": 2, \"b\": 3, \"ab\": 4}, \"merges\": [[\"a\", \"b\"]]}}";
        Map<String, GgufValue> metadata = tokenizer(json, 6);
        assertThat(metadata)
                .containsEntry("tokenizer.ggml.model", new GgufValue.Text("llama"))
                .containsEntry("tokenizer.ggml.token_type", wholes(2, 6, 1, 1, 1, 5))
                .containsEntry(
                        "tokenizer.ggml.scores",
                        new GgufValue.Values(List.of(-1f, -1f, -1f, -1f, -0f, -1f).stream()
                                .map(score -> new GgufValue.Real(score == 0 ? 0f : score))
                                .toList()));
    }

    @Test
    void tokenizersThatLlamaCppDoesNotKnowAreRefused() {
        assertThatThrownBy(() -> tokenizer("{\"model\": {\"type\": \"Unigram\", \"vocab\": []}}", 4))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("its model must be BPE to become GGUF, but is \"Unigram\"");
        assertThatThrownBy(() -> tokenizer("{\"model\": {\"vocab\": {\"a\": 0}, \"merges\": []}}", 4))
                .hasMessageContaining("its pre_tokenizer is none that llama.cpp knows by name");
        assertThatThrownBy(() -> tokenizer("{\"model\": {\"vocab\": {\"a\": 9}, \"merges\": []}}", 4))
                .hasMessageContaining("the token \"a\" has the id 9, the model has 4 rows");
    }

    private static Map<String, GgufValue> tokenizer(String json, int size) {
        return GgufTokenizer.metadata(
                json.getBytes(StandardCharsets.UTF_8),
                JsonNodeFactory.instance.objectNode(),
                JsonNodeFactory.instance.objectNode(),
                size,
                "here");
    }

    private static GgufValue wholes(int... values) {
        return new GgufValue.Values(
                java.util.Arrays.stream(values).mapToObj(GgufValue.Whole::new).collect(Collectors.toList()));
    }

    private ByteBuffer written(GgufType type, float[] values, long... shape) throws IOException {
        Path file = folder.resolve("tiny.gguf");
        try (TensorScope scope = TensorScope.open()) {
            Tensor tensor = Tensor.of(values, shape);
            TensorInfo info = new TensorInfo(
                    "x", ElementType.F32, java.util.Arrays.stream(shape).boxed().toList());
            Map<String, GgufValue> metadata = Map.of("general.name", new GgufValue.Text("tiny"));
            Gguf.write(file, metadata, List.of(new TensorOutput(info, () -> tensor)), type, written -> {});
        }
        return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String text(ByteBuffer file) {
        byte[] text = new byte[(int) file.getLong()];
        file.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
