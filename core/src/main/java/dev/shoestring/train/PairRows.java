package dev.shoestring.train;

import java.util.List;

/**
 * Preference pairs: each is two rows, prompt and better answer, prompt and worse answer.
 *
 * @param tokens the rows, (2 · pairs): pair i has the rows 2i and 2i + 1; the answers' tokens have targets
 * @param before the answers' log-probabilities before training, one entry a pair
 */
public record PairRows(TokenRows tokens, List<PreferenceLoss.Answers> before) implements MicroBatch {
    /** Copies the list. */
    public PairRows {
        before = List.copyOf(before);
        if (tokens.rows() != 2 * before.size()) {
            throw new IllegalArgumentException(tokens.rows() + " rows of " + before.size() + " pairs");
        }
    }

    @Override
    public int examples() {
        return before.size();
    }

    @Override
    public long realTokens() {
        return tokens.realTokens();
    }

    @Override
    public double flops() {
        return tokens.flops();
    }

    @Override
    public double repeatedFlops() {
        return tokens.repeatedFlops();
    }
}
