package dev.shoestring.train;

/**
 * A micro-batch of cached features; each is one term of the loss. A class and no record, for its arrays are compared nowhere.
 */
public final class FeatureBatch implements MicroBatch {
    private final float[] features;
    private final int[] labels;
    private final double flops;

    /** {@code features} is (examples, width), row by row; the arrays are taken as they are. */
    public FeatureBatch(float[] features, int[] labels, double flops) {
        this.features = features;
        this.labels = labels;
        this.flops = flops;
    }

    /** (examples, width), row by row; not to be changed. */
    public float[] features() {
        return features;
    }

    /** Label of each row; not to be changed. */
    public int[] labels() {
        return labels;
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
