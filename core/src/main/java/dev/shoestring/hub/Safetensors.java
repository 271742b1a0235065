package dev.shoestring.hub;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The safetensors format (huggingface/safetensors, "Format"): eight bytes with the header's length, a JSON header, then the values.
 * Files are hostile until read: the header is bounded, and every offset and shape is checked before anything is allocated by it.
 */
public final class Safetensors {
    private static final long LARGEST_HEADER = 100_000_000;
    private static final int MOST_DIMENSIONS = 16;
    private static final int ALIGNMENT = 8;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Safetensors() {}

    /**
     * A tensor to be written.
     *
     * @param info name, type and shape
     * @param bytes its values, row-major and little-endian
     */
    public record TensorData(TensorInfo info, ByteBuffer bytes) {}

    private record Entry(TensorInfo info, long begin, long end) {}

    /**
     * Opens a file and checks its header.
     *
     * @throws InputException if it is missing, truncated, or not safetensors
     */
    public static Weights open(Path file) {
        return open(file, 0, -1);
    }

    /** As the other, of a file that lies in another from {@code start} on; {@code size} −1 means up to that one's end. */
    static Weights open(Path file, long start, long size) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            long fileSize = size < 0 ? channel.size() - start : size;
            check(fileSize >= 8, file, "is " + fileSize + " bytes long, too short for a safetensors header");
            long headerSize = read(channel, start, 8, file).getLong();
            check(
                    headerSize >= 2 && headerSize <= Math.min(LARGEST_HEADER, fileSize - 8),
                    file,
                    "says its header is " + Long.toUnsignedString(headerSize) + " bytes long, the file has "
                            + (fileSize - 8) + " after its first eight");
            byte[] header = new byte[(int) headerSize];
            read(channel, start + 8, header.length, file).get(header);
            Map<String, Entry> entries = entries(parse(header, file), fileSize - 8 - headerSize, file);
            return new FileWeights(file, channel, start + 8 + headerSize, entries);
        } catch (IOException failed) {
            close(channel);
            throw new InputException(file + ": cannot be read (" + describe(failed) + ")", failed);
        } catch (RuntimeException refused) {
            close(channel);
            throw refused;
        }
    }

    private static JsonNode parse(byte[] header, Path file) {
        try {
            JsonNode root = JSON.readTree(header);
            check(root != null && root.isObject(), file, "has a header that is no JSON object");
            return root;
        } catch (IOException invalid) {
            throw new InputException(
                    file + ": has a header that is not valid JSON, or names a tensor twice; fetch or export it again",
                    invalid);
        }
    }

    private static Map<String, Entry> entries(JsonNode header, long dataSize, Path file) {
        List<Entry> entries = new ArrayList<>();
        header.properties().forEach(field -> {
            if (!field.getKey().equals("__metadata__")) {
                entries.add(entry(field.getKey(), field.getValue(), dataSize, file));
            }
        });
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long expected = 0;
        Map<String, Entry> byName = new LinkedHashMap<>();
        for (Entry entry : entries) {
            check(
                    entry.begin() == expected,
                    file,
                    "tensor " + shorten(entry.info().name()) + " begins at byte " + entry.begin()
                            + " of the data, not at " + expected
                            + " where the one before ends: tensors overlap or leave a hole");
            expected = entry.end();
            byName.put(entry.info().name(), entry);
        }
        check(expected == dataSize, file, "has " + dataSize + " bytes of data, its header accounts for " + expected);
        return byName;
    }

    private static Entry entry(String name, JsonNode json, long dataSize, Path file) {
        String what = "tensor " + shorten(name);
        ElementType type = ElementType.named(json.path("dtype").asText(""));
        if (type == null) {
            throw new InputException(file + ": " + what + " has element type "
                    + shorten(json.path("dtype").toString()) + ", known are " + List.of(ElementType.values()));
        }
        JsonNode shapeNode = json.path("shape");
        check(shapeNode.isArray() && shapeNode.size() <= MOST_DIMENSIONS, file, what + " has no valid shape");
        List<Long> shape = new ArrayList<>();
        for (JsonNode size : shapeNode) {
            check(
                    size.isIntegralNumber() && size.canConvertToLong() && size.longValue() >= 0,
                    file,
                    what + " has the impossible size " + shorten(size.toString()) + " in its shape");
            shape.add(size.longValue());
        }
        JsonNode offsets = json.path("data_offsets");
        check(
                offsets.isArray()
                        && offsets.size() == 2
                        && offsets.get(0).canConvertToLong()
                        && offsets.get(1).canConvertToLong()
                        && offsets.get(0).isIntegralNumber()
                        && offsets.get(1).isIntegralNumber(),
                file,
                what + " has no valid data_offsets");
        long begin = offsets.get(0).longValue();
        long end = offsets.get(1).longValue();
        check(
                begin >= 0 && begin <= end && end <= dataSize,
                file,
                what + " lies at bytes " + begin + " to " + end + " of " + dataSize + " bytes of data");
        TensorInfo info = new TensorInfo(name, type, shape);
        long needed;
        try {
            needed = info.byteSize();
        } catch (ArithmeticException overflow) {
            throw new InputException(file + ": " + what + " has an impossibly large shape " + shape, overflow);
        }
        check(
                needed == end - begin,
                file,
                what + " needs " + needed + " bytes for its shape, but has " + (end - begin));
        return new Entry(info, begin, end);
    }

    /**
     * Writes a file beside its place and moves it there, so that it is whole or absent.
     *
     * @throws InputException if it cannot be written
     */
    public static void write(Path file, Map<String, String> metadata, List<TensorData> tensors) {
        List<TensorInfo> infos = tensors.stream().map(TensorData::info).toList();
        for (TensorData tensor : tensors) {
            if (tensor.info().byteSize() != tensor.bytes().remaining()) {
                throw new IllegalArgumentException(
                        tensor.info() + " comes with " + tensor.bytes().remaining() + " bytes");
            }
        }
        write(file, metadata, infos, out -> {
            for (TensorData tensor : tensors) {
                writeFully(out, tensor.bytes().duplicate());
            }
        });
    }

    /**
     * As the other, with values that are made one after another, and of any size.
     *
     * @throws InputException if it cannot be written, or a value does not fit its type
     */
    public static void stream(
            Path file, Map<String, String> metadata, List<TensorOutput> tensors, Consumer<TensorInfo> written) {
        List<TensorInfo> infos = tensors.stream().map(TensorOutput::info).toList();
        write(file, metadata, infos, out -> {
            for (TensorOutput tensor : tensors) {
                tensor.write(out);
                written.accept(tensor.info());
            }
        });
    }

    private interface Values {
        void write(FileChannel out) throws IOException;
    }

    private static void write(Path file, Map<String, String> metadata, List<TensorInfo> infos, Values values) {
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (FileChannel out = FileChannel.open(
                    draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                byte[] header = header(metadata, infos);
                ByteBuffer length =
                        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length);
                writeFully(out, length);
                writeFully(out, ByteBuffer.wrap(header));
                values.write(out);
                out.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            remove(draft, failed);
            throw new InputException(
                    file + ": cannot be written (" + describe(failed) + "); free space or choose another folder",
                    failed);
        } catch (RuntimeException | Error givenUp) {
            remove(draft, givenUp);
            throw givenUp;
        }
    }

    private static void remove(Path draft, Throwable failed) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException leftBehind) {
            failed.addSuppressed(leftBehind);
        }
    }

    private static byte[] header(Map<String, String> metadata, List<TensorInfo> tensors) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        ObjectNode meta = header.putObject("__metadata__");
        metadata.forEach(meta::put);
        long offset = 0;
        for (TensorInfo tensor : tensors) {
            long size = tensor.byteSize();
            ObjectNode node = header.putObject(tensor.name());
            node.put("dtype", tensor.type().name());
            ArrayNode shape = node.putArray("shape");
            tensor.shape().forEach(shape::add);
            node.putArray("data_offsets").add(offset).add(offset + size);
            offset += size;
        }
        byte[] json = JSON.writeValueAsBytes(header);
        // Spaces after the header align the values, as the reference implementation does.
        byte[] padded = new byte[(json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT];
        java.util.Arrays.fill(padded, (byte) ' ');
        System.arraycopy(json, 0, padded, 0, json.length);
        return padded;
    }

    private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int size, Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException(file + " became shorter while it was read");
            }
        }
        return buffer.flip();
    }

    private static void check(boolean holds, Path file, String problem) {
        if (!holds) {
            throw new InputException(file + ": " + problem + "; the file is damaged: fetch or export it again");
        }
    }

    private static String shorten(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private static String describe(IOException failed) {
        return failed.getClass().getSimpleName() + (failed.getMessage() == null ? "" : ": " + failed.getMessage());
    }

    private static void close(java.io.@org.jspecify.annotations.Nullable Closeable channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException ignored) {
                // What is being refused matters more.
            }
        }
    }

    private record FileWeights(Path file, FileChannel channel, long dataStart, Map<String, Entry> entries)
            implements Weights {
        @Override
        public Map<String, TensorInfo> tensors() {
            Map<String, TensorInfo> infos = new LinkedHashMap<>();
            entries.forEach((name, entry) -> infos.put(name, entry.info()));
            return Collections.unmodifiableMap(infos);
        }

        @Override
        public ByteBuffer read(String name) {
            Entry entry = entries.get(name);
            if (entry == null) {
                throw new IllegalArgumentException(file + " has no tensor " + name);
            }
            long size = entry.end() - entry.begin();
            check(
                    size <= Integer.MAX_VALUE,
                    file,
                    "tensor " + shorten(name) + " is larger than 2 GiB, and can only be mapped into memory");
            try {
                return Safetensors.read(channel, dataStart + entry.begin(), (int) size, file);
            } catch (IOException failed) {
                throw new InputException(file + ": cannot be read (" + describe(failed) + ")", failed);
            }
        }

        @Override
        public Optional<Place> place(String name) {
            return Optional.ofNullable(entries.get(name)).map(entry -> new Place(file, dataStart + entry.begin()));
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
