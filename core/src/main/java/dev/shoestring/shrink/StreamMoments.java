package dev.shoestring.shrink;

import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

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

    /**
     * Measures.
     *
     * @param store the model's parameters
     * @param batches texts; their labels are not read
     */
    public static StreamMoments measure(Bert model, ParameterStore store, List<TokenBatch> batches) {
        int width = model.config().hiddenSize();
        int points = model.config().numLayers() + 1;
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor[] stream = new Tensor[points];
            Tensor[] normalized = new Tensor[points];
            for (int point = 0; point < points; point++) {
                stream[point] = Tensor.zeros(DType.FLOAT32, width, width);
                normalized[point] = Tensor.zeros(DType.FLOAT32, width, width);
            }
            for (TokenBatch batch : batches) {
                try (TensorScope part = TensorScope.open()) {
                    BertInput input = BertInput.of(batch);
                    List<Tensor> states = model.states(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE);
                    Tensor real_N1 = real(batch);
                    for (int point = 0; point < points; point++) {
                        Tensor out_ND = states.get(point).reshape(real_N1.size(0), width);
                        add(stream[point], out_ND.mul(real_N1));
                        String norm = norm(point);
                        Tensor before_ND =
                                out_ND.sub(parameter(store, norm + ".bias")).div(parameter(store, norm + ".weight"));
                        add(normalized[point], before_ND.mul(real_N1));
                    }
                }
            }
            Tensor all = Tensor.zeros(DType.FLOAT32, width, width);
            for (Tensor one : stream) {
                all.addInPlace(one, 1 / trace(one.toFloats(), width));
            }
            return new StreamMoments(
                    width,
                    all.toFloats(),
                    Arrays.stream(normalized).map(Tensor::toFloats).toArray(float[][]::new));
        }
    }

    /** The LayerNorm that the stream comes out of: of the embeddings, then of each layer. */
    private static String norm(int point) {
        return point == 0 ? "bert.embeddings.LayerNorm" : "bert.encoder.layer." + (point - 1) + ".output.LayerNorm";
    }

    private static Tensor real(TokenBatch batch) {
        float[] real = new float[batch.size() * batch.maxLength()];
        for (int row = 0; row < batch.size(); row++) {
            Arrays.fill(real, row * batch.maxLength(), row * batch.maxLength() + batch.lengths()[row], 1);
        }
        return Tensor.of(real, real.length, 1);
    }

    private static void add(Tensor moments, Tensor x_ND) {
        moments.addInPlace(x_ND.transpose(0, 1).matmul(x_ND), 1);
    }

    private static Tensor parameter(ParameterStore store, String name) {
        return Objects.requireNonNull(store.all().get(name), name);
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
                // LayerNorm gives every token the mean square 1, and fewer directions with less energy must come to
                // that too.
                growth[point] = Math.sqrt(part / trace(normalized[point], width) * width / kept);
            }
            return new StreamBasis(width, kept, basis_DW.toFloats(), growth, energy / trace(stream, width));
        }
    }
}
