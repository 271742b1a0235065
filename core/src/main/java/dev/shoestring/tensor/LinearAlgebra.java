package dev.shoestring.tensor;

import org.bytedeco.pytorch.global.torch;

/** Decompositions of matrices. */
public final class LinearAlgebra {
    private LinearAlgebra() {}

    /**
     * Solves A·X = B by Cholesky's decomposition.
     *
     * @param positive A, symmetric and positive definite, (N, N)
     * @param right B, (N, M)
     * @return X, (N, M)
     */
    public static Tensor solvePositive(Tensor positive, Tensor right) {
        try (org.bytedeco.pytorch.Tensor factor = torch.linalg_cholesky(positive.handle())) {
            return Tensor.wrap(torch.cholesky_solve(right.handle(), factor));
        }
    }
}
