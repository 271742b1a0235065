package dev.shoestring.models;

import java.util.List;

/**
 * What an image network is made for, as {@code config.json} in timm's form says it.
 *
 * @param architecture name of the network, for example {@code resnet18}
 * @param channels channels of an image: 1 or 3
 * @param size height and width that it was made for, pixels
 * @param mean mean of each channel, of pixels from 0 to 1
 * @param standardDeviation standard deviation of each channel, of pixels from 0 to 1
 * @param width channels of the first stage of {@code slimnet}; 0 for other networks
 * @param batchNormEps added to the variance in batch normalization
 * @param samePadding whether convolutions pad as TensorFlow's {@code SAME} does
 * @param shape how far it is smaller than the architecture says
 */
public record ImageConfig(
        String architecture,
        int channels,
        int size,
        List<Double> mean,
        List<Double> standardDeviation,
        int width,
        double batchNormEps,
        boolean samePadding,
        ImageShape shape) {
    /** Copies the lists. */
    public ImageConfig {
        mean = List.copyOf(mean);
        standardDeviation = List.copyOf(standardDeviation);
    }

    /** A network of the architecture's own sizes. */
    public ImageConfig(
            String architecture,
            int channels,
            int size,
            List<Double> mean,
            List<Double> standardDeviation,
            int width,
            double batchNormEps,
            boolean samePadding) {
        this(architecture, channels, size, mean, standardDeviation, width, batchNormEps, samePadding, ImageShape.WHOLE);
    }

    /** The same for images of another size. */
    public ImageConfig sized(int other) {
        return new ImageConfig(
                architecture, channels, other, mean, standardDeviation, width, batchNormEps, samePadding, shape);
    }

    /** The same of another shape. */
    public ImageConfig shaped(ImageShape other) {
        return new ImageConfig(
                architecture, channels, size, mean, standardDeviation, width, batchNormEps, samePadding, other);
    }
}
