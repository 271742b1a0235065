package dev.shoestring.shrink;

import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.TokenRows;
import org.jspecify.annotations.Nullable;

/** A language model that another learns from: what it says comes next. */
public interface TokenTeacher extends AutoCloseable {
    // C tokens, V pieces

    /** What it says of all tokens of some rows that have a loss; made in the scope that is open, and valid for as long as that is. */
    Answers answers(TokenRows rows);

    @Override
    void close();

    /** What it says of the tokens of some rows. */
    @FunctionalInterface
    interface Answers {
        /**
         * How far the student is from it at some tokens.
         *
         * @param log_CV logarithms of the student's probabilities at the temperature, float32
         * @param from the first of these tokens, among those that have a loss
         */
        Comparison compare(Tensor log_CV, int from);

        /** Its normalized output at all tokens, (N, its width), without gradients; null where only its answers were kept. */
        default @Nullable Tensor hidden() {
            return null;
        }
    }

    /**
     * The Kullback-Leibler divergence from a student, and the distributions that its derivative points to: that of the divergence with respect to the
     * student's cooled scores is the student's probabilities less these.
     *
     * @param wanted_CV the distributions, float32
     * @param divergence the sum over the tokens, in nats
     */
    record Comparison(Tensor wanted_CV, double divergence) {}
}
