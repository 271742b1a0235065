package dev.shoestring.nn;

import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalization (arXiv 1502.03167). Parameters: {@code weight} and {@code bias} (channels); running statistics:
 * {@code running_mean} and {@code running_var} (channels). A normalization whose parameters are frozen keeps its statistics too:
 * they belong to the weights before it.
 */
public final class BatchNorm2d {
    private final @Nullable Tensor weight_C;
    private final Tensor bias_C;
    private final Tensor mean_C;
    private final Tensor variance_C;
    private final Settings settings;

    /**
     * What a batch normalization is like.
     *
     * @param eps added to the variance
     * @param momentum share by which the running statistics move to a batch's
     * @param weighted whether each channel has a factor
     */
    public record Settings(double eps, double momentum, boolean weighted) {
        /** As torchvision has it. */
        public static final Settings DEFAULT = new Settings(1e-5, 0.1, true);

        /** The same with another epsilon. */
        public Settings withEps(double other) {
            return new Settings(other, momentum, weighted);
        }
    }

    /** Takes its parameters from the store under {@code name}. */
    public BatchNorm2d(ParameterStore store, String name, int channels, Settings settings) {
        this.settings = settings;
        weight_C =
                settings.weighted() ? store.parameter(name + ".weight", new Initializer.Constant(1), channels) : null;
        bias_C = store.parameter(name + ".bias", new Initializer.Constant(0), channels);
        mean_C = store.buffer(name + ".running_mean", new Initializer.Constant(0), channels);
        variance_C = store.buffer(name + ".running_var", new Initializer.Constant(1), channels);
    }

    /** Normalizes (B, C, H, W); in training by the batch's own statistics, unless frozen. */
    public Tensor forward(Tensor x_BCHW, Mode mode) {
        // One value has no variance: it would make the running statistics not a number, for good.
        boolean several = x_BCHW.size(0) * x_BCHW.size(2) * x_BCHW.size(3) > 1;
        boolean training = mode == Mode.TRAIN && bias_C.requiresGrad() && several;
        return ImageOperators.batchNorm(
                x_BCHW, weight_C, bias_C, mean_C, variance_C, training, settings.momentum(), settings.eps());
    }
}
