package dev.shoestring.hub;

import java.io.ByteArrayOutputStream;

/** Bytes of a header that grow, numbers with their least byte first. */
public final class LittleEndian {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void putByte(int value) {
        bytes.write(value);
    }

    void putInt(int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            bytes.write(value >>> shift);
        }
    }

    void putLong(long value) {
        putInt((int) value);
        putInt((int) (value >>> Integer.SIZE));
    }

    void putFloat(float value) {
        putInt(Float.floatToIntBits(value));
    }

    /** A text after its length. */
    void putText(byte[] text) {
        putLong(text.length);
        bytes.writeBytes(text);
    }

    /** Zeros up to a multiple. */
    void pad(int multiple) {
        while (bytes.size() % multiple != 0) {
            bytes.write(0);
        }
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
