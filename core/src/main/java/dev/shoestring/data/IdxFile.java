package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * An IDX file of unsigned bytes, plain or gzipped: the format of MNIST, as its page at yann.lecun.com describes it. Two zero bytes,
 * the type (8), the number of dimensions, their sizes as big-endian integers, the data.
 */
final class IdxFile {
    private static final int UNSIGNED_BYTE = 8;
    private static final long LARGEST = 2L << 30;

    private final int[] shape;
    private final byte[] data;

    private IdxFile(int[] shape, byte[] data) {
        this.shape = shape;
        this.data = data;
    }

    /**
     * Reads a file.
     *
     * @throws InputException if it is no such file, or is cut short or longer than its header says
     */
    static IdxFile read(Path file, int dimensions) {
        try (DataInputStream in = new DataInputStream(open(file))) {
            int magic = in.readInt();
            if (magic != (UNSIGNED_BYTE << 8 | dimensions)) {
                throw new InputException(String.format(
                        "%s: is no IDX file of bytes with %d dimensions (it begins with %08x, not %08x)",
                        file, dimensions, magic, UNSIGNED_BYTE << 8 | dimensions));
            }
            int[] shape = new int[dimensions];
            long size = 1;
            for (int i = 0; i < dimensions; i++) {
                shape[i] = in.readInt();
                if (shape[i] < 1 || size * shape[i] > LARGEST - 16) {
                    throw new InputException(
                            file + ": its header gives a dimension of " + Integer.toUnsignedString(shape[i])
                                    + "; sizes are from 1 up to 2 GiB in all. The file is damaged: fetch it again");
                }
                size *= shape[i];
            }
            byte[] data = in.readNBytes((int) size);
            if (data.length < size || in.read() >= 0) {
                throw new InputException(
                        file + ": holds " + (data.length < size ? "only " + data.length : "more than " + size)
                                + " bytes, its header says " + size + "; it is damaged: fetch it again");
            }
            return new IdxFile(shape, data);
        } catch (IOException broken) {
            throw new InputException(file + ": cannot be read (" + broken + "); fetch it again", broken);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        return file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
    }

    /** Size of one dimension. */
    int size(int dimension) {
        return shape[dimension];
    }

    /** All bytes, the last dimension next to each other; not to be changed. */
    byte[] data() {
        return data;
    }
}
