package dev.shoestring.train;

import dev.shoestring.data.TokenBatch;

/**
 * A micro-batch of labelled texts; each text is one term of the loss.
 *
 * @param tokens the texts and their labels
 * @param flops floating-point operations of its forward and backward pass
 */
public record TextBatch(TokenBatch tokens, double flops) implements MicroBatch {
    @Override
    public int examples() {
        return tokens.size();
    }

    @Override
    public long realTokens() {
        return tokens.realTokens();
    }
}
