package dev.shoestring.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code metrics.jsonl}: one line a step or evaluation, handed to the operating system line by line, so that a killed run leaves
 * every step it finished. A resumed run first cuts off what came after its checkpoint: each step has one line.
 */
public final class MetricsLog implements AutoCloseable {
    private static final int LONGEST_LINE = 1 << 16;

    private final Path file;
    private final FileChannel channel;

    private MetricsLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Starts an empty log, replacing what was there.
     *
     * @throws dev.shoestring.recipe.InputException if the file cannot be written
     */
    public static MetricsLog create(Path file) {
        try {
            return new MetricsLog(
                    file,
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw RunFile.cannotWrite(file, e);
        }
    }

    /**
     * Continues a log after {@code step}: later lines, and a line cut short by a crash, are removed.
     *
     * @throws dev.shoestring.recipe.InputException if the file cannot be read or written
     */
    public static MetricsLog resume(Path file, long step) {
        try {
            long end = Files.exists(file) ? scan(file, step, new ArrayList<>()) : 0;
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(end);
            channel.position(end);
            return new MetricsLog(file, channel);
        } catch (IOException e) {
            throw RunFile.cannotWrite(file, e);
        }
    }

    /**
     * The lines of a log, up to the first that is not whole.
     *
     * @throws dev.shoestring.recipe.InputException if the file cannot be read
     */
    public static List<MetricsLine> read(Path file) {
        try {
            List<MetricsLine> lines = new ArrayList<>();
            scan(file, Long.MAX_VALUE, lines);
            return List.copyOf(lines);
        } catch (IOException e) {
            throw RunFile.cannotRead(file, e);
        }
    }

    /**
     * Appends one line.
     *
     * @throws dev.shoestring.recipe.InputException if the disk is full
     */
    public void append(MetricsLine line) {
        try {
            ByteBuffer bytes =
                    ByteBuffer.wrap((Json.MAPPER.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw RunFile.cannotWrite(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw RunFile.cannotWrite(file, e);
        }
    }

    /** Adds the whole lines up to {@code lastStep} to {@code lines} and returns where they end, in bytes. */
    private static long scan(Path file, long lastStep, List<MetricsLine> lines) throws IOException {
        long end = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (byte[] bytes = nextLine(in); bytes != null; bytes = nextLine(in)) {
                MetricsLine line = parse(bytes);
                if (line == null || line.step() > lastStep) {
                    break;
                }
                lines.add(line);
                end += bytes.length + 1;
            }
        }
        return end;
    }

    private static byte @Nullable [] nextLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0 || line.size() == LONGEST_LINE) {
                return null;
            }
            line.write(b);
        }
        return line.toByteArray();
    }

    private static @Nullable MetricsLine parse(byte[] bytes) throws IOException {
        try {
            return Json.MAPPER.readValue(bytes, MetricsLine.class);
        } catch (JsonProcessingException notALineOfOurs) {
            return null;
        }
    }
}
