package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * What only image classification has.
 *
 * @param size height and width that images are brought to, pixels; key {@code data.size}; null takes the model's, or the data's own
 * @param mostBroken largest share of images that may be unreadable, in [0, 1]; key {@code data.most_broken}
 * @param ema decay of the running average of the weights that is evaluated and kept, in [0, 1); 0 keeps none; key {@code ema}
 * @param testTimeAugmentation whether class scores are averaged over mirrored and shifted copies of an image; key
 *     {@code test_time_augmentation}
 * @param progressive smaller images at the beginning; key {@code progressive_resizing}; null trains at one size
 * @param selectiveBackprop share of each batch, the examples with the largest losses, that gradients are computed for, in (0, 1]; 1
 *     takes all; key {@code selective_backprop}
 */
public record ImageSpec(
        @Nullable Integer size,
        double mostBroken,
        double ema,
        boolean testTimeAugmentation,
        @Nullable Progressive progressive,
        double selectiveBackprop) {
    /** Nothing special. */
    public static final ImageSpec PLAIN = new ImageSpec(null, 0.1, 0, false, null, 1);

    /** The same for images of another size, pixels. */
    public ImageSpec ofSize(int other) {
        return new ImageSpec(other, mostBroken, ema, testTimeAugmentation, progressive, selectiveBackprop);
    }

    /** The same at one size. */
    public ImageSpec withoutProgressive() {
        return new ImageSpec(size, mostBroken, ema, testTimeAugmentation, null, selectiveBackprop);
    }

    /** The same with gradients of all examples. */
    public ImageSpec withoutSelection() {
        return new ImageSpec(size, mostBroken, ema, testTimeAugmentation, progressive, 1);
    }

    /** The same without an average of the weights. */
    public ImageSpec withoutAverage() {
        return new ImageSpec(size, mostBroken, 0, testTimeAugmentation, progressive, selectiveBackprop);
    }

    /** The same with one view of each image. */
    public ImageSpec withoutViews() {
        return new ImageSpec(size, mostBroken, ema, false, progressive, selectiveBackprop);
    }

    /**
     * Progressive resizing: training begins on smaller images, whose size grows to the full one.
     *
     * @param from size at the beginning, as a share of the full size, in (0, 1)
     * @param until share of the steps after which the full size is reached, in (0, 1]
     */
    public record Progressive(double from, double until) {}
}
