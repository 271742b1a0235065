package dev.shoestring.run;

import dev.shoestring.data.ImageData;
import dev.shoestring.data.ImageStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network's input is normalized by.
 *
 * @param mean mean of each channel of the training images, from 0 to 1
 * @param standardDeviation standard deviation of each channel
 */
record ImageStatistics(List<Double> mean, List<Double> standardDeviation) {
    private static final int ENOUGH = 5000;

    /** Of the first few thousand training images, which are in random order. */
    static ImageStatistics of(ImageData data) {
        ImageStore store = data.store();
        int channels = store.channels();
        double[] sums = new double[channels];
        double[] squares = new double[channels];
        ByteBuffer bytes = ByteBuffer.allocate(store.bytes());
        int images = Math.min(ENOUGH, data.train().length);
        for (int i = 0; i < images; i++) {
            store.copy(data.train()[i], bytes.clear());
            for (int at = 0; at < bytes.capacity(); at++) {
                double value = (bytes.get(at) & 0xff) / 255.0;
                sums[at % channels] += value;
                squares[at % channels] += value * value;
            }
        }
        double pixels = (double) images * store.size() * store.size();
        List<Double> mean = new ArrayList<>();
        List<Double> deviation = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            double average = sums[c] / pixels;
            mean.add(average);
            deviation.add(Math.max(1e-3, Math.sqrt(Math.max(0, squares[c] / pixels - average * average))));
        }
        return new ImageStatistics(mean, deviation);
    }
}
