package dev.shoestring.shrink;

import dev.shoestring.tensor.LinearAlgebra;
import dev.shoestring.tensor.Tensor;

/**
 * A layer's parameters by least squares.
 *
 * @param weight of a linear layer (out, in), of a norm (in)
 * @param bias (out)
 */
record LeastSquares(Tensor weight, Tensor bias) {
    // N rows, I inputs, O outputs
    private static final double LEAST_VARIANCE = 1e-12;

    /** Least that is added to the inputs' moments, as a share of their mean square: what rounding leaves of inputs that do not vary. */
    private static final double ROUNDING = 1e-6;

    /**
     * The linear layer whose outputs are nearest to what is wanted, and whose weight is not far from a given one.
     *
     * @param ridge what a change of the weight costs, as a share of the inputs' mean variance
     */
    static LeastSquares linear(Tensor x_NI, Tensor wanted_NO, Tensor weight_OI, double ridge) {
        Tensor centred_NI = x_NI.sub(x_NI.mean(0).unsqueeze(0));
        Tensor missing_NO = wanted_NO.sub(x_NI.linear(weight_OI));
        Tensor moments_II = centred_NI.transpose(0, 1).matmul(centred_NI);
        int inputs = Math.toIntExact(x_NI.size(1));
        float[] square = moments_II.toFloats();
        double trace = 0;
        for (int i = 0; i < inputs; i++) {
            trace += square[i * inputs + i];
        }
        double squares = x_NI.mul(x_NI).sum().item();
        float added = (float) Math.max(Float.MIN_NORMAL, Math.max(ridge * trace, ROUNDING * squares) / inputs);
        for (int i = 0; i < inputs; i++) {
            square[i * inputs + i] += added;
        }
        Tensor right_IO = centred_NI
                .transpose(0, 1)
                .matmul(missing_NO.sub(missing_NO.mean(0).unsqueeze(0)));
        Tensor changed_OI = weight_OI.add(LinearAlgebra.solvePositive(Tensor.of(square, inputs, inputs), right_IO)
                .transpose(0, 1));
        return new LeastSquares(
                changed_OI, wanted_NO.sub(x_NI.linear(changed_OI)).mean(0));
    }

    /** The weight and bias of a LayerNorm whose outputs are nearest to what is wanted, each channel by itself. */
    static LeastSquares norm(Tensor x_NI, Tensor wanted_NI, double eps) {
        long width = x_NI.size(1);
        Tensor normal_NI = x_NI.layerNorm(Tensor.full(1, width), Tensor.full(0, width), eps);
        Tensor mean_I = normal_NI.mean(0);
        Tensor centred_NI = normal_NI.sub(mean_I.unsqueeze(0));
        Tensor weight_I = centred_NI
                .mul(wanted_NI)
                .mean(0)
                .div(centred_NI.mul(centred_NI).mean(0).add(LEAST_VARIANCE));
        return new LeastSquares(weight_I, wanted_NI.mean(0).sub(mean_I.mul(weight_I)));
    }

    /** Writes them over those of a network. */
    void into(EncoderWeights weights, String part) {
        weights.get(part + ".weight").copyFrom(weight);
        weights.get(part + ".bias").copyFrom(bias);
    }
}
