package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorBoardWriterTest {
    private final Path folder;

    TensorBoardWriterTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** The bytes are those that TensorFlow's record writer gives for the record "hello". */
    @Test
    void recordsAreFramedAsTensorFlowFramesThem() throws IOException {
        Path file = folder.resolve("record");
        try (EventFile events = EventFile.create(file)) {
            events.append("hello".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo(HELLO_RECORD);
    }

    @Test
    void eventsCarryTagStepAndValue() throws IOException {
        try (TensorBoardWriter writer = TensorBoardWriter.create(folder)) {
            writer.scalar("train/loss", 7, 0.5);
            writer.recipe("seed: 1\n");
        }
        List<UnknownFieldSet> events = events(files().get(0));

        assertThat(events).hasSize(3);
        assertThat(string(events.get(0), 3)).isEqualTo("brain.Event:2");
        assertThat(events.get(1).getField(2).getVarintList()).containsExactly(7L);
        UnknownFieldSet scalar = nested(nested(events.get(1), 5), 1);
        assertThat(string(scalar, 1)).isEqualTo("train/loss");
        assertThat(Float.intBitsToFloat(scalar.getField(2).getFixed32List().get(0)))
                .isEqualTo(0.5f);
        UnknownFieldSet text = nested(nested(events.get(2), 5), 1);
        assertThat(string(nested(text, 8), 8)).isEqualTo("    seed: 1");
    }

    @Test
    void resumedRunOpensALaterFileThatDropsWhatCameAfter() throws IOException {
        for (int i = 0; i < 4; i++) {
            TensorBoardWriter.create(folder).close();
        }
        TensorBoardWriter.resume(folder, 40).close();

        List<Path> files = files();
        assertThat(files).hasSize(5);
        List<UnknownFieldSet> events = events(files.get(4));
        assertThat(events).hasSize(2);
        assertThat(events.get(1).getField(2).getVarintList()).containsExactly(41L);
        assertThat(nested(events.get(1), 7).getField(1).getVarintList()).containsExactly(1L);
    }

    @Test
    void aClockThatWentBackDoesNotChangeTheOrder() throws IOException {
        Files.createFile(folder.resolve("events.out.tfevents.9999999999.shoestring.0000"));
        TensorBoardWriter.resume(folder, 1).close();
        TensorBoardWriter.resume(folder, 2).close();

        List<Path> files = files();
        assertThat(events(files.get(1)).get(1).getField(2).getVarintList()).containsExactly(2L);
        assertThat(events(files.get(2)).get(1).getField(2).getVarintList()).containsExactly(3L);
    }

    @Test
    void hyperParametersBeginAndEndASession() throws IOException {
        try (TensorBoardWriter writer = TensorBoardWriter.create(folder)) {
            writer.hparams(Map.of("lr", 1e-4, "adapt", "full", "baseline", true), List.of("validation/accuracy"));
            writer.end(true);
        }
        assertThat(events(files().get(0)).stream().skip(1).map(event -> string(nested(nested(event, 5), 1), 1)))
                .containsExactly("_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static List<UnknownFieldSet> events(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<UnknownFieldSet> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] event = new byte[(int) bytes.getLong()];
            bytes.getInt();
            bytes.get(event);
            bytes.getInt();
            events.add(UnknownFieldSet.parseFrom(event));
        }
        return events;
    }

    private static UnknownFieldSet nested(UnknownFieldSet message, int field) {
        try {
            return UnknownFieldSet.parseFrom(
                    message.getField(field).getLengthDelimitedList().get(0));
        } catch (IOException e) {
            throw new AssertionError("field " + field + " is not a message", e);
        }
    }

    private static String string(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().get(0).toStringUtf8();
    }

    private static final String HELLO_RECORD = "0500000000000000eab2043e68656c6c6fbb1f1c19";
}
