package dev.shoestring.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** LibTorch's operators on batches of images, (B, C, H, W). */
public final class ImageOperators {
    private static final long BILINEAR = 0;

    private ImageOperators() {}

    /** What lies outside an image when it is sampled there. */
    public enum Outside {
        /** Black. */
        ZEROS(0),
        /** The image mirrored at its edge. */
        REFLECTION(2);

        private final long code;

        Outside(long code) {
            this.code = code;
        }
    }

    /**
     * Convolution: (B, in, H, W) with weight (out, in / groups, kernel, kernel) gives (B, out, H', W').
     *
     * @param bias (out), or null
     * @param padding zeros added on every side
     */
    public static Tensor conv2d(
            Tensor x, Tensor weight, @Nullable Tensor bias, long stride, long padding, long groups) {
        try (TensorOptional optional = bias == null ? new TensorOptional() : new TensorOptional(bias.handle())) {
            return Tensor.wrap(torch.conv2d(
                    x.handle(),
                    weight.handle(),
                    optional,
                    new long[] {stride, stride},
                    new long[] {padding, padding},
                    new long[] {1, 1},
                    groups));
        }
    }

    /**
     * Batch normalization (arXiv 1502.03167) of each channel.
     *
     * @param weight factor of each channel; null takes 1
     * @param training whether the batch's own statistics are used, and the running ones moved towards them in place
     * @param momentum share by which the running statistics move
     */
    public static Tensor batchNorm(
            Tensor x,
            @Nullable Tensor weight,
            Tensor bias,
            Tensor runningMean,
            Tensor runningVariance,
            boolean training,
            double momentum,
            double eps) {
        try (TensorOptional factor = weight == null ? new TensorOptional() : new TensorOptional(weight.handle());
                TensorOptional shift = new TensorOptional(bias.handle());
                TensorOptional mean = new TensorOptional(runningMean.handle());
                TensorOptional variance = new TensorOptional(runningVariance.handle())) {
            return Tensor.wrap(
                    torch.batch_norm(x.handle(), factor, shift, mean, variance, training, momentum, eps, false));
        }
    }

    /** The largest of each window. */
    public static Tensor maxPool(Tensor x, long kernel, long stride, long padding) {
        return Tensor.wrap(torch.max_pool2d(
                x.handle(),
                new long[] {kernel, kernel},
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                false));
    }

    /** Adds zeros at the left, right, top and bottom. */
    public static Tensor pad(Tensor x, long left, long right, long top, long bottom) {
        try (Scalar zero = new Scalar(0.0)) {
            return Tensor.wrap(torch.constant_pad_nd(x.handle(), new long[] {left, right, top, bottom}, zero));
        }
    }

    /** Adds the image's reflection on every side. */
    public static Tensor reflectionPad(Tensor x, long by) {
        return Tensor.wrap(torch.reflection_pad2d(x.handle(), by, by, by, by));
    }

    /**
     * Moves every image by an affine map of its own, bilinearly.
     *
     * @param theta_B23 for each image, the map from places in the result to places in the image, both axes from −1 to 1
     */
    public static Tensor affine(Tensor x, Tensor theta_B23, Outside outside) {
        try (org.bytedeco.pytorch.Tensor grid = torch.affine_grid_generator(theta_B23.handle(), x.shape(), false)) {
            return Tensor.wrap(torch.grid_sampler(x.handle(), grid, BILINEAR, outside.code, false));
        }
    }

    /** Another size: each new pixel is the mean of the old ones that it covers. */
    public static Tensor areaResize(Tensor x, long height, long width) {
        return Tensor.wrap(torch.adaptive_avg_pool2d(x.handle(), height, width));
    }

    /** Another size, bilinearly between the pixels' centres. */
    public static Tensor bilinearResize(Tensor x, long height, long width) {
        return Tensor.wrap(torch.upsample_bilinear2d(x.handle(), new long[] {height, width}, false));
    }

    /**
     * Eigenvalues, ascending, and eigenvectors, in columns, of a symmetric matrix.
     *
     * @return the values (N), then the vectors (N, N)
     */
    public static Tensor[] symmetricEigen(Tensor matrix) {
        try (T_TensorTensor_T result = torch.linalg_eigh(matrix.handle())) {
            return new Tensor[] {
                Tensor.wrap(new org.bytedeco.pytorch.Tensor(result.get0())),
                Tensor.wrap(new org.bytedeco.pytorch.Tensor(result.get1()))
            };
        }
    }
}
