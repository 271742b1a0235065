package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The GGUF format, version 3 (ggml, docs/gguf.md), as llama.cpp reads it: metadata, then tensors at multiples of 32 bytes. */
public final class Gguf {
    private static final int MAGIC = 0x46554747;
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;

    private Gguf() {}

    /** Bytes that the tensors take in a file of that type. */
    public static long size(List<TensorOutput> tensors, GgufType type) {
        return tensors.stream().mapToLong(tensor -> size(tensor.info(), type)).sum();
    }

    /** Bytes that one tensor takes, with what fills the place to the next. */
    public static long size(TensorInfo info, GgufType type) {
        return padded(type.of(info).bytes(info.elements()));
    }

    /**
     * Writes a file beside its place and moves it there, so that it is whole or absent.
     *
     * @param tensors by GGUF's names, with shapes in row-major order
     * @param type how matrices are kept; vectors are in single precision
     * @param written told of each tensor that is written
     * @throws InputException if it cannot be written
     */
    public static void write(
            Path file,
            Map<String, GgufValue> metadata,
            List<TensorOutput> tensors,
            GgufType type,
            Consumer<TensorInfo> written) {
        Path draft = file.toAbsolutePath().resolveSibling(file.getFileName() + ".tmp");
        boolean done = false;
        try {
            try (FileChannel out = FileChannel.open(
                    draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                write(out, header(metadata, tensors, type));
                for (TensorOutput tensor : tensors) {
                    tensor.write(out, GgufType.PIECE, type.of(tensor.info())::pack);
                    write(out, new byte[(int) (padded(out.position()) - out.position())]);
                    written.accept(tensor.info());
                }
                out.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            done = true;
        } catch (IOException failed) {
            throw new InputException(
                    file + ": cannot be written (" + failed + "); free space or choose another place", failed);
        } finally {
            if (!done) {
                discard(draft);
            }
        }
    }

    private static void discard(Path draft) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException leftBehind) {
            // What went wrong before matters more.
        }
    }

    private static byte[] header(Map<String, GgufValue> metadata, List<TensorOutput> tensors, GgufType type) {
        LittleEndian out = new LittleEndian();
        out.putInt(MAGIC);
        out.putInt(VERSION);
        out.putLong(tensors.size());
        out.putLong(metadata.size());
        metadata.forEach((key, value) -> {
            out.putText(key.getBytes(StandardCharsets.UTF_8));
            out.putInt(value.type());
            value.write(out);
        });
        long offset = 0;
        for (TensorOutput tensor : tensors) {
            TensorInfo info = tensor.info();
            GgufType kept = type.of(info);
            out.putText(info.name().getBytes(StandardCharsets.UTF_8));
            out.putInt(info.shape().size());
            // The innermost size comes first.
            for (int i = info.shape().size() - 1; i >= 0; i--) {
                out.putLong(info.shape().get(i));
            }
            out.putInt(kept.number());
            out.putLong(offset);
            offset += padded(kept.bytes(info.elements()));
        }
        out.pad(ALIGNMENT);
        return out.toBytes();
    }

    private static long padded(long size) {
        return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static void write(FileChannel out, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
    }
}
