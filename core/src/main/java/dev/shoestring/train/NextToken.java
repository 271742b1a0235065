package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;

/**
 * Cross-entropy of the next token, over the tokens that have a target.
 *
 * @param pass forward and backward pass of the decoder
 * @param loss the loss from its output
 */
public record NextToken(DecoderPass pass, TokenLoss loss) implements Objective<TokenRows> {
    @Override
    public double backward(TokenRows rows, double weight, Arithmetic arithmetic) {
        int[] places = rows.places();
        int[] targets = rows.targetsAt(places);
        return pass.backward(rows, output -> loss.backward(output, places, targets, null, 1 / weight));
    }

    @Override
    public Tensor lossSum(TokenRows rows) {
        int[] places = rows.places();
        float[] losses = loss.measure(pass.output(rows), places, rows.targetsAt(places));
        double sum = 0;
        for (float one : losses) {
            sum += one;
        }
        return Tensor.full(sum, 1);
    }
}
