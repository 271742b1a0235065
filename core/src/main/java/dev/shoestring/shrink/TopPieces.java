package dev.shoestring.shrink;

import dev.shoestring.tensor.Tensor;

/**
 * The likeliest pieces after some tokens, and all others as one. The divergence from a student is that of the distributions over these k + 1
 * outcomes: {@code Σ p log(p / q)} over the k pieces, and the same of the rest's masses. So the student is free in how it spreads the rest, and its
 * derivative there points to its own distribution, scaled to the teacher's mass.
 *
 * @param pieces_CK the pieces, int64
 * @param shares_CK their probabilities, float32; the rest is what they lack to 1
 */
record TopPieces(Tensor pieces_CK, Tensor shares_CK) {
    // C tokens, K likeliest pieces, V pieces

    /** The likeliest {@code count} of probabilities. */
    static TopPieces of(Tensor probabilities_CV, int count) {
        Tensor.Largest top = probabilities_CV.largest(Math.min(count, probabilities_CV.size(1)));
        return new TopPieces(top.places(), top.values());
    }

    TokenTeacher.Comparison compare(Tensor log_CV) {
        Tensor own_CV = log_CV.softmax(1);
        Tensor rest_CV = own_CV.scatter(1, pieces_CK, shares_CK.mul(0));
        float[] own = rest_CV.sum(1).toFloats();
        float[] logs = log_CV.gather(1, pieces_CK).toFloats();
        float[] shares = shares_CK.toFloats();
        int pieces = own.length == 0 ? 0 : shares.length / own.length;
        float[] factors = new float[own.length];
        double divergence = 0;
        for (int token = 0; token < own.length; token++) {
            double left = 1;
            for (int i = token * pieces; i < (token + 1) * pieces; i++) {
                left -= shares[i];
                divergence += shares[i] > 0 ? shares[i] * (Math.log(shares[i]) - logs[i]) : 0;
            }
            // Rounding may leave less than nothing, and nothing where all pieces are among the likeliest.
            if (left > 0 && own[token] > 0) {
                divergence += left * (Math.log(left) - Math.log(own[token]));
                factors[token] = (float) (left / own[token]);
            }
        }
        Tensor scaled_CV = rest_CV.mul(Tensor.of(factors, factors.length, 1));
        return new TokenTeacher.Comparison(scaled_CV.scatter(1, pieces_CK, shares_CK), divergence);
    }
}
