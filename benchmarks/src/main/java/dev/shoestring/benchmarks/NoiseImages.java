package dev.shoestring.benchmarks;

import dev.shoestring.data.ImageStore;
import java.nio.ByteBuffer;
import java.util.Random;

/** One image of noise. A class and no record, for its array is compared nowhere. */
final class NoiseImages implements ImageStore {
    private final int size;
    private final int channels;
    private final byte[] pixels;

    NoiseImages(int size, int channels) {
        this.size = size;
        this.channels = channels;
        this.pixels = new byte[size * size * channels];
        new Random(1).nextBytes(pixels);
    }

    @Override
    public int count() {
        return 1;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public void copy(int image, ByteBuffer target) {
        target.put(pixels);
    }
}
