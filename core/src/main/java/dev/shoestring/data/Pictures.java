package dev.shoestring.data;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;

/** Images of a store as Java's. */
public final class Pictures {
    private Pictures() {}

    /** One image of a store. */
    public static BufferedImage of(ImageStore store, int image) {
        ByteBuffer bytes = ByteBuffer.allocate(store.bytes());
        store.copy(image, bytes);
        return of(bytes.array(), store.size(), store.channels());
    }

    /** Bytes in a store's order. */
    public static BufferedImage of(byte[] bytes, int size, int channels) {
        BufferedImage picture = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < size * size; i++) {
            int red = bytes[i * channels] & 0xff;
            int green = channels == 1 ? red : bytes[i * channels + 1] & 0xff;
            int blue = channels == 1 ? red : bytes[i * channels + 2] & 0xff;
            picture.setRGB(i % size, i / size, red << 16 | green << 8 | blue);
        }
        return picture;
    }
}
