package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.models.BertConfig;
import dev.shoestring.shrink.TeacherAnswers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A teacher's answers are read back as they were written, and only if they are those. */
final class TeacherFileTest {
    private static final List<String> TEXTS = List.of("a bill", "a crash");
    private static final int WIDTH = 4;

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void teacher() throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                new BertConfig(60, WIDTH, 1, 2, 8, 24, 2, 1e-12)
                        .toJson(List.of("bill", "bug", "other"), 0)
                        .toString());
        Files.writeString(folder.resolve("model.safetensors"), "weights");
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
    }

    private TeacherFile file() {
        return new TeacherFile(folder.resolve("answers.safetensors"), folder, TEXTS, "FP32");
    }

    @Test
    void answersAreReadAsTheyWereWritten() {
        assertThat(file().read()).isEmpty();
        file().write(new TeacherAnswers(new float[][] {{1, 2, 3}, {4, 5, 6}}, new float[2][WIDTH]));
        Optional<TeacherAnswers> read = file().read();
        assertThat(read).isPresent();
        assertThat(read.get().logits(1)).containsExactly(4, 5, 6);
        assertThat(read.get().width()).isEqualTo(WIDTH);
    }

    @Test
    void answersOfOtherSizesAreNotTaken() {
        file().write(new TeacherAnswers(new float[2][2], new float[2][WIDTH]));
        assertThat(file().read()).as("labels").isEmpty();
        file().write(new TeacherAnswers(new float[2][3], new float[2][WIDTH + 1]));
        assertThat(file().read()).as("width").isEmpty();
        file().write(new TeacherAnswers(new float[3][3], new float[3][WIDTH]));
        assertThat(file().read()).as("texts").isEmpty();
    }

    @Test
    void numbersOfAnotherKindAreNotTaken() {
        file().write(new TeacherAnswers(new float[2][3], new float[2][WIDTH]));
        List<String> names;
        try (Weights stored = Safetensors.open(folder.resolve("answers.safetensors"))) {
            names = List.copyOf(stored.tensors().keySet());
        }
        Safetensors.write(
                folder.resolve("answers.safetensors"),
                Map.of(),
                names.stream()
                        .map(name -> {
                            long width = name.startsWith("logits") ? 3 : WIDTH;
                            return new Safetensors.TensorData(
                                    new TensorInfo(name, ElementType.F64, List.of(2L, width)),
                                    ByteBuffer.allocateDirect((int) (2 * width * Double.BYTES)));
                        })
                        .toList());
        assertThat(file().read()).isEmpty();
    }
}
