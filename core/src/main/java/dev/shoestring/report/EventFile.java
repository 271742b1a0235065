package dev.shoestring.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A TFRecord file: each record is its length (8 bytes, little-endian), the masked CRC-32C of those 8 bytes, the data, and the masked
 * CRC-32C of the data. The masking is that of TensorFlow's {@code crc32c.h}: rotate right by 15 and add a constant.
 */
final class EventFile implements AutoCloseable {
    private static final int MASK_DELTA = 0xa282ead8;

    private final Path file;
    private final FileChannel channel;

    private EventFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Opens a file that does not exist yet. */
    static EventFile create(Path file) {
        try {
            return new EventFile(file, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw RunFile.cannotWrite(file, e);
        }
    }

    void append(byte[] data) {
        ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedCrc(record.array(), 8));
        record.put(data);
        record.putInt(maskedCrc(data, data.length));
        record.flip();
        try {
            while (record.hasRemaining()) {
                channel.write(record);
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

    private static int maskedCrc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }
}
