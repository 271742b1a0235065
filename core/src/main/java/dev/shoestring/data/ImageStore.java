package dev.shoestring.data;

import java.nio.ByteBuffer;

/** Decoded images of one size: bytes from 0 to 255, row by row, the channels of a pixel next to each other. */
public interface ImageStore {
    /** Number of images. */
    int count();

    /** Height and width, pixels. */
    int size();

    /** Channels: 1 or 3 (red, green, blue). */
    int channels();

    /** Appends the {@code size × size × channels} bytes of an image. */
    void copy(int image, ByteBuffer target);

    /** Bytes of one image. */
    default int bytes() {
        return size() * size() * channels();
    }
}
