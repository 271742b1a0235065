package dev.shoestring.cost;

import java.util.ArrayList;
import java.util.List;

/**
 * Follows an image through a network and counts what its convolutions and matrices take. A multiplication and its addition are two
 * floating-point operations; normalization, activation and pooling are not counted, nor are the parameters of running statistics.
 */
public final class LayerCounter {
    private int channels;
    private int size;
    private long parameters;
    private double firstLayer;
    private double stage;
    private double outputs;
    private double last;
    private final List<Double> stages = new ArrayList<>();

    /** An image of that many channels and {@code size × size} pixels. */
    public LayerCounter(int channels, int size) {
        this.channels = channels;
        this.size = size;
    }

    /** A convolution that keeps the size but for its stride. Returns this. */
    public LayerCounter conv(int out, int kernel, int stride, int groups) {
        return valid(out, kernel, stride, groups, kernel / 2);
    }

    /** A convolution with that many zeros on every side. Returns this. */
    public LayerCounter valid(int out, int kernel, int stride, int groups, int padding) {
        int to = Math.max(1, (size + 2 * padding - kernel) / stride + 1);
        int each = channels / groups;
        product((double) to * to * kernel * kernel * out * each);
        parameters += (long) kernel * kernel * out * each;
        outputs += (double) to * to * out;
        channels = out;
        size = to;
        return this;
    }

    /** A 1 × 1 convolution beside the path, from {@code in} channels at the present size. Returns this. */
    public LayerCounter shortcut(int in) {
        product((double) size * size * in * channels);
        parameters += (long) in * channels;
        return this;
    }

    /** A normalization: this many numbers for each channel. Returns this. */
    public LayerCounter norm(int numbers) {
        parameters += (long) numbers * channels;
        return this;
    }

    /** Pooling that divides the size, rounded down. Returns this. */
    public LayerCounter pool(int stride) {
        size = Math.max(1, size / stride);
        return this;
    }

    /** A matrix on {@code rows} vectors, with a bias if so. Returns this. */
    public LayerCounter linear(int rows, int in, int out, boolean bias) {
        product((double) rows * in * out);
        outputs += (double) rows * out;
        last = (double) in * out + (bias ? out : 0);
        parameters += (long) in * out + (bias ? out : 0);
        return this;
    }

    /** Products without parameters, such as attention's. Returns this. */
    public LayerCounter products(double multiplications) {
        product(multiplications);
        return this;
    }

    /** Parameters that take no product. Returns this. */
    public LayerCounter parameters(long count) {
        parameters += count;
        return this;
    }

    private void product(double multiplications) {
        if (firstLayer == 0) {
            firstLayer = multiplications;
        }
        stage += multiplications;
    }

    /** Ends a stage of the network. Returns this. */
    public LayerCounter endStage() {
        stages.add(stage);
        stage = 0;
        return this;
    }

    /** Channels at this point. */
    public int channels() {
        return channels;
    }

    /** Height and width at this point. */
    public int size() {
        return size;
    }

    /** Numbers in the network so far. */
    public long parameters() {
        return parameters;
    }

    /** Numbers that the layers put out for one image. */
    public double outputs() {
        return outputs;
    }

    /** Numbers in the last matrix. */
    public double lastLayer() {
        return last;
    }

    /** Floating-point operations of one forward pass of one image. */
    public double forward() {
        return 2 * (stages.stream().mapToDouble(Double::doubleValue).sum() + stage);
    }

    /**
     * Floating-point operations of a forward and backward pass of one image, when the first {@code frozen} stages are not trained: a
     * trained stage takes a product for its weights' gradients and one for its input's, the first layer none for the image.
     */
    public double training(int frozen) {
        double trained = stage;
        for (int i = frozen; i < stages.size(); i++) {
            trained += stages.get(i);
        }
        return forward() + 2 * (2 * trained - (frozen == 0 ? firstLayer : 0));
    }
}
