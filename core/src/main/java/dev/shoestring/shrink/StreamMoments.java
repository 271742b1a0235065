package dev.shoestring.shrink;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;

/**
 * Second moments of a BERT encoder's residual stream on some texts: of what comes out of the embeddings and of each layer, over all tokens, each of
 * the same weight. Their eigenvectors are the directions that a narrower network keeps ({@link #basis}). A class and no record, for its arrays are
 * compared nowhere.
 */
public final class StreamMoments {
    // N tokens of a batch, padding included, D model width, W width of the narrower network
    private final int width;
    private final float[] stream;
    private final float[][] normalized;

    private StreamMoments(int width, float[] stream, float[][] normalized) {
        this.width = width;
        this.stream = stream;
        this.normalized = normalized;
    }

    /** Those of what flows through a network. */
    public static StreamMoments of(BertTrace trace) {
        int width = trace.config().hiddenSize();
        float[][] normalized = new float[trace.config().numLayers() + 1][];
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor all = Tensor.zeros(DType.FLOAT32, width, width);
            for (int point = 0; point < normalized.length; point++) {
                try (TensorScope part = TensorScope.open()) {
                    Tensor out_ND = trace.into(point);
                    Tensor moments = moments(out_ND);
                    all.addInPlace(moments, 1 / trace(moments.toFloats(), width));
                    String norm = norm(point);
                    EncoderWeights weights = trace.weights();
                    normalized[point] = moments(
                                    out_ND.sub(weights.get(norm + ".bias")).div(divisor(weights.get(norm + ".weight"))))
                            .toFloats();
                }
            }
            return new StreamMoments(width, all.toFloats(), normalized);
        }
    }

    /** A channel that the LayerNorm's weight silences is 0 before and after the division. */
    private static Tensor divisor(Tensor weight_D) {
        float[] divisor = weight_D.toFloats();
        for (int channel = 0; channel < divisor.length; channel++) {
            divisor[channel] = divisor[channel] == 0 ? 1 : divisor[channel];
        }
        return Tensor.of(divisor, divisor.length);
    }

    /** The LayerNorm that the stream comes out of: of the embeddings, then of each layer. */
    private static String norm(int point) {
        return point == 0
                ? EncoderWeights.EMBEDDINGS + "LayerNorm"
                : EncoderWeights.part(point - 1, EncoderWeights.FED_NORM);
    }

    private static Tensor moments(Tensor x_ND) {
        return x_ND.transpose(0, 1).matmul(x_ND);
    }

    private static double trace(float[] square, int width) {
        double trace = 0;
        for (int i = 0; i < width; i++) {
            trace += square[i * width + i];
        }
        return trace;
    }

    /**
     * The {@code kept} directions that carry most of the stream's energy, as a network of that width uses them.
     *
     * @param kept at least 1, at most the width
     */
    public StreamBasis basis(int kept) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor[] eigen = ImageOperators.symmetricEigen(Tensor.of(stream, width, width));
            Tensor basis_DW = eigen[1].narrow(1, width - kept, kept).contiguous();
            float[] values = eigen[0].toFloats();
            double energy = 0;
            for (int i = width - kept; i < width; i++) {
                energy += values[i];
            }
            double[] growth = new double[normalized.length];
            for (int point = 0; point < growth.length; point++) {
                Tensor kept_WD = basis_DW.transpose(0, 1).matmul(Tensor.of(normalized[point], width, width));
                double part = kept_WD.mul(basis_DW.transpose(0, 1)).sum().item();
                double whole = trace(normalized[point], width);
                // LayerNorm gives every token the mean square 1, and fewer directions with less energy must come to
                // that too.
                growth[point] = whole == 0 ? 1 : Math.sqrt(part / whole * width / kept);
            }
            return new StreamBasis(width, kept, basis_DW.toFloats(), growth, energy / trace(stream, width));
        }
    }
}
