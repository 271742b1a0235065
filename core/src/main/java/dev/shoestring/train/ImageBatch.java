package dev.shoestring.train;

import java.nio.ByteBuffer;

/** A micro-batch of labelled images; each is one term of the loss. A class and no record, for its arrays are compared nowhere. */
public final class ImageBatch implements MicroBatch {
    private final ByteBuffer pixels;
    private final int[] images;
    private final int[] labels;
    private final long epoch;
    private final long step;
    private final int size;
    private final double flops;

    /**
     * A batch.
     *
     * @param pixels bytes in a store's order, one image after the other
     * @param images a number for each image that stays the same over the epochs
     * @param labels label of each
     * @param size height and width that the network is to see, pixels
     * @param flops floating-point operations of its forward and backward pass
     */
    public ImageBatch(ByteBuffer pixels, int[] images, int[] labels, long epoch, long step, int size, double flops) {
        this.pixels = pixels;
        this.images = images;
        this.labels = labels;
        this.epoch = epoch;
        this.step = step;
        this.size = size;
        this.flops = flops;
    }

    /** Bytes in a store's order, from the first. */
    public ByteBuffer pixels() {
        return pixels.duplicate();
    }

    /** A number for each image; not to be changed. */
    public int[] images() {
        return images;
    }

    /** Label of each image; not to be changed. */
    public int[] labels() {
        return labels;
    }

    /** The epoch, from 0. */
    public long epoch() {
        return epoch;
    }

    /** The step, from 0. */
    public long step() {
        return step;
    }

    /** Height and width that the network is to see, pixels. */
    public int size() {
        return size;
    }

    @Override
    public int examples() {
        return labels.length;
    }

    @Override
    public double flops() {
        return flops;
    }
}
