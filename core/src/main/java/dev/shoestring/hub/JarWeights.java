package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.ZipEntry;

/**
 * Weights that lie uncompressed in a jar, read where they lie. Where an entry's bytes begin is found by following the chain of entries
 * from the central directory (PKWARE's APPNOTE, 4.3), which the JDK does not tell. Jars are hostile until read: every place is compared with
 * the file's size and with what the JDK reads of the entry.
 */
final class JarWeights {
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int LONGEST_COMMENT = 0xFFFF;
    private static final int CENTRAL = 0x02014b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final long BEYOND_32_BITS = 0xFFFFFFFFL;

    private JarWeights() {}

    /**
     * Opens an entry that is stored without compression.
     *
     * @throws InputException if it is compressed, or the jar is damaged
     */
    static Weights open(Path jar, ZipEntry entry) {
        if (entry.getMethod() != ZipEntry.STORED) {
            throw new InputException(jar + ": " + entry.getName()
                    + " is compressed and cannot be read where it lies; store it without compression (shoestring export "
                    + "--format maven does)");
        }
        try (FileChannel channel = FileChannel.open(jar, StandardOpenOption.READ)) {
            long begin = begin(channel, entry);
            if (begin < 0 || entry.getSize() < 0 || begin > channel.size() - entry.getSize()) {
                throw new InputException(
                        jar + ": says where " + entry.getName() + " lies, but it is not there; fetch it again");
            }
            return Safetensors.open(jar, begin, entry.getSize());
        } catch (IOException failed) {
            throw new InputException(jar + ": cannot be read (" + failed + ")", failed);
        }
    }

    /** Where the entry's bytes begin; −1 if that cannot be found out. */
    private static long begin(FileChannel channel, ZipEntry entry) throws IOException {
        int tail = (int) Math.min(channel.size(), END_BYTES + LONGEST_COMMENT);
        ByteBuffer end = read(channel, channel.size() - tail, tail);
        for (int at = tail - END_BYTES; at >= 0; at--) {
            if (end.getInt(at) == END) {
                long directory = Integer.toUnsignedLong(end.getInt(at + 16));
                int entries = Short.toUnsignedInt(end.getShort(at + 10));
                return directory == BEYOND_32_BITS ? -1 : local(channel, find(channel, directory, entries, entry));
            }
        }
        return -1;
    }

    private static long find(FileChannel channel, long directory, int entries, ZipEntry wanted) throws IOException {
        long at = directory;
        for (int i = 0; i < entries && at + CENTRAL_BYTES <= channel.size(); i++) {
            ByteBuffer header = read(channel, at, CENTRAL_BYTES);
            int nameLength = Short.toUnsignedInt(header.getShort(28));
            if (header.getInt(0) != CENTRAL || at + CENTRAL_BYTES + nameLength > channel.size()) {
                return -1;
            }
            byte[] name = new byte[nameLength];
            read(channel, at + CENTRAL_BYTES, nameLength).get(name);
            if (new String(name, java.nio.charset.StandardCharsets.UTF_8).equals(wanted.getName())) {
                long offset = Integer.toUnsignedLong(header.getInt(42));
                return offset == BEYOND_32_BITS ? -1 : offset;
            }
            at += CENTRAL_BYTES
                    + nameLength
                    + Short.toUnsignedInt(header.getShort(30))
                    + Short.toUnsignedInt(header.getShort(32));
        }
        return -1;
    }

    private static long local(FileChannel channel, long offset) throws IOException {
        if (offset < 0 || offset + LOCAL_BYTES > channel.size()) {
            return -1;
        }
        ByteBuffer header = read(channel, offset, LOCAL_BYTES);
        return header.getInt(0) != LOCAL
                ? -1
                : offset
                        + LOCAL_BYTES
                        + Short.toUnsignedInt(header.getShort(26))
                        + Short.toUnsignedInt(header.getShort(28));
    }

    private static ByteBuffer read(FileChannel channel, long at, int size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new IOException("became shorter while it was read");
            }
        }
        return buffer.flip();
    }
}
