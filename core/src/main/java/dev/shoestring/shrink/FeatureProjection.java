package dev.shoestring.shrink;

import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;

/**
 * The matrix between a student's features and a teacher's, as it starts: the least squares' on some texts. From a random one, the first steps of
 * learning the teacher's features teach the matrix and not the student.
 */
public final class FeatureProjection {
    /** Added to the second moments, as a share of their mean: directions in which the student's features hardly vary say nothing. */
    private static final double RIDGE = 1e-3;

    // N texts, D student's width, E teacher's width
    private FeatureProjection() {}

    /**
     * The matrix P (E, D) with the least Σ|P·own − wanted|².
     *
     * @param own the student's features, (N, D)
     * @param wanted the teacher's, (N, E)
     */
    public static Tensor fit(float[][] own, float[][] wanted) {
        return TensorScope.keep(() -> {
            try (NoGrad guard = NoGrad.on()) {
                Tensor own_ND = matrix(own);
                Tensor moments_DD = own_ND.transpose(0, 1).matmul(own_ND);
                Tensor[] eigen = ImageOperators.symmetricEigen(moments_DD);
                Tensor values_D = eigen[0].clamp(0, Float.MAX_VALUE);
                Tensor ridge_D = values_D.add(RIDGE * values_D.mean(0).item() + Float.MIN_NORMAL);
                Tensor inverse_DD = eigen[1].div(ridge_D.unsqueeze(0)).matmul(eigen[1].transpose(0, 1));
                return matrix(wanted)
                        .transpose(0, 1)
                        .matmul(own_ND)
                        .matmul(inverse_DD)
                        .contiguous();
            }
        });
    }

    private static Tensor matrix(float[][] rows) {
        int width = rows[0].length;
        float[] flat = new float[rows.length * width];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, flat, row * width, width);
        }
        return Tensor.of(flat, rows.length, width);
    }
}
