package dev.shoestring.augment;

import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What happens to the pixels' values of each image of a batch: a factor for each kind of change, 1 where there is none. Pixels are from
 * 0 to 1.
 */
final class ColorPlan {
    // B images, C channels, H height, W width
    private static final int LEVELS = 256;
    /** Standard deviation of the blurred image that sharpening moves away from, pixels. */
    private static final float SOFT = 0.85f;

    private final int images;
    private final float[] brightness;
    private final float[] contrast;
    private final float[] saturation;
    private final float[] sharpness;
    private final float[] blur;
    private final float[] levels;
    private final float[] solarizeFrom;
    private final boolean[] autocontrast;
    private final boolean[] equalize;

    ColorPlan(int images) {
        this.images = images;
        brightness = filled(1);
        contrast = filled(1);
        saturation = filled(1);
        sharpness = filled(1);
        blur = filled(0);
        levels = filled(LEVELS);
        solarizeFrom = filled(2);
        autocontrast = new boolean[images];
        equalize = new boolean[images];
    }

    private float[] filled(float value) {
        float[] values = new float[images];
        Arrays.fill(values, value);
        return values;
    }

    void brightness(int image, double factor) {
        brightness[image] *= (float) factor;
    }

    void contrast(int image, double factor) {
        contrast[image] *= (float) factor;
    }

    void saturation(int image, double factor) {
        saturation[image] *= (float) factor;
    }

    /** Above 1 sharper, below 1 softer. */
    void sharpness(int image, double factor) {
        sharpness[image] *= (float) factor;
    }

    /** Gaussian blur with this standard deviation, pixels. */
    void blur(int image, double sigma) {
        blur[image] = (float) sigma;
    }

    /** Keeps this many bits of each value. */
    void posterize(int image, int bits) {
        levels[image] = 1 << bits;
    }

    /** Inverts values from this one up. */
    void solarize(int image, double from) {
        solarizeFrom[image] = (float) from;
    }

    /** Stretches each channel to the whole range. */
    void autocontrast(int image) {
        autocontrast[image] = true;
    }

    /** Spreads each channel's values evenly. */
    void equalize(int image) {
        equalize[image] = true;
    }

    /** Does all of it. */
    Tensor apply(Tensor x_BCHW) {
        Tensor x = x_BCHW;
        if (any(brightness, 1)) {
            x = x.mul(column(brightness)).clamp(0, 1);
        }
        if (any(contrast, 1)) {
            Tensor mean = x.meanKept(1, 2, 3);
            x = blend(mean, x, contrast);
        }
        if (any(saturation, 1) && x.size(1) == 3) {
            x = blend(x.meanKept(1), x, saturation);
        }
        x = chosen(x, sharpness, 1, (part, factors) -> {
            float[] soft = new float[factors.length];
            Arrays.fill(soft, SOFT);
            return blend(gaussian(part, soft), part, factors);
        });
        x = chosen(x, blur, 0, ColorPlan::gaussian);
        if (any(levels, LEVELS)) {
            Tensor steps = column(levels);
            x = x.mul(steps).floor().div(steps).clamp(0, 1);
        }
        if (any(solarizeFrom, 2)) {
            Tensor inverted = x.atLeast(column(solarizeFrom));
            x = x.add(inverted.mul(x.mul(-2).add(1)));
        }
        x = chosen(x, autocontrast, ColorPlan::stretched);
        return chosen(x, equalize, ColorPlan::equalized);
    }

    private static boolean any(float[] values, float neutral) {
        for (float value : values) {
            if (value != neutral) {
                return true;
            }
        }
        return false;
    }

    private static Tensor column(float[] values) {
        return Tensor.of(values, values.length, 1, 1, 1);
    }

    /** From {@code origin} through {@code x}, by a factor. */
    private static Tensor blend(Tensor origin, Tensor x, float[] factors) {
        return origin.add(x.sub(origin).mul(column(factors))).clamp(0, 1);
    }

    private interface Change {
        Tensor of(Tensor x_BCHW);
    }

    private interface Filter {
        Tensor of(Tensor x_BCHW, float[] factors);
    }

    /** Filters those images alone whose factor is not neutral: a filter costs more than picking them out. */
    private Tensor chosen(Tensor x_BCHW, float[] factors, float neutral, Filter filter) {
        int[] indices =
                IntStream.range(0, images).filter(i -> factors[i] != neutral).toArray();
        float[] theirs = new float[indices.length];
        for (int i = 0; i < theirs.length; i++) {
            theirs[i] = factors[indices[i]];
        }
        return chosen(x_BCHW, indices, part -> filter.of(part, theirs));
    }

    private Tensor chosen(Tensor x_BCHW, boolean[] which, Change change) {
        return chosen(x_BCHW, IntStream.range(0, images).filter(i -> which[i]).toArray(), change);
    }

    private static Tensor chosen(Tensor x_BCHW, int[] indices, Change change) {
        if (indices.length == 0) {
            return x_BCHW;
        }
        if (indices.length == x_BCHW.size(0)) {
            return change.of(x_BCHW);
        }
        Tensor index = Tensor.of(indices, indices.length);
        return x_BCHW.indexCopy(0, index, change.of(x_BCHW.indexSelect(0, index)));
    }

    private static Tensor stretched(Tensor x_BCHW) {
        Tensor low = x_BCHW.amin(2, 3).unsqueeze(2).unsqueeze(3);
        Tensor high = x_BCHW.amax(2, 3).unsqueeze(2).unsqueeze(3);
        return x_BCHW.sub(low).div(high.sub(low).clamp(1.0 / LEVELS, 1)).clamp(0, 1);
    }

    /** By each channel's own histogram; there is no batched operator for that, and few images of a batch draw it. */
    private static Tensor equalized(Tensor x_BCHW) {
        float[] values = x_BCHW.toFloats();
        int pixels = (int) (x_BCHW.size(2) * x_BCHW.size(3));
        for (int from = 0; from < values.length; from += pixels) {
            int[] histogram = new int[LEVELS];
            for (int i = from; i < from + pixels; i++) {
                histogram[level(values[i])]++;
            }
            float[] spread = new float[LEVELS];
            int below = 0;
            for (int level = 0; level < LEVELS; level++) {
                spread[level] = Math.min(1, (below + histogram[level] / 2f) / pixels);
                below += histogram[level];
            }
            for (int i = from; i < from + pixels; i++) {
                values[i] = spread[level(values[i])];
            }
        }
        return Tensor.of(values, x_BCHW.shape());
    }

    private static int level(float value) {
        return Math.max(0, Math.min(LEVELS - 1, (int) (value * (LEVELS - 1) + 0.5f)));
    }

    /** A Gaussian of its own for each image, down and then across; 0 leaves an image as it is. */
    private static Tensor gaussian(Tensor x_BCHW, float[] sigmas) {
        float largest = 0;
        for (float sigma : sigmas) {
            largest = Math.max(largest, sigma);
        }
        int images = sigmas.length;
        int channels = (int) x_BCHW.size(1);
        int halfImage = (int) (x_BCHW.size(2) - 1) / 2;
        int radius = Math.max(1, Math.min((int) Math.ceil(2.5 * largest), halfImage));
        int width = 2 * radius + 1;
        float[] weights = new float[images * channels * width];
        for (int row = 0; row < images * channels; row++) {
            double sigma = Math.max(1e-3, sigmas[row / channels]);
            double sum = 0;
            for (int i = 0; i < width; i++) {
                double distance = (i - radius) / sigma;
                weights[row * width + i] = (float) Math.exp(-0.5 * distance * distance);
                sum += weights[row * width + i];
            }
            for (int i = 0; i < width; i++) {
                weights[row * width + i] /= (float) sum;
            }
        }
        long groups = (long) images * channels;
        Tensor flat = x_BCHW.reshape(1, groups, x_BCHW.size(2), x_BCHW.size(3));
        Tensor padded = ImageOperators.reflectionPad(flat, radius);
        Tensor down = ImageOperators.conv2d(padded, Tensor.of(weights, groups, 1, width, 1), null, 1, 0, groups);
        Tensor both = ImageOperators.conv2d(down, Tensor.of(weights, groups, 1, 1, width), null, 1, 0, groups);
        return both.view(x_BCHW.shape());
    }
}
