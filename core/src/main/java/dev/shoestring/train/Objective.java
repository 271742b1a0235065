package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;

/** What training makes small. */
public interface Objective<B extends MicroBatch> {
    /** The sum of the losses of a micro-batch's terms, a tensor of one element with gradient history. */
    Tensor lossSum(B batch);

    /**
     * Adds the gradient of {@link #lossSum} over {@code weight} to those of the parameters. An objective that never has its whole loss
     * in one place does this otherwise.
     *
     * @return the loss over {@code weight}
     */
    default double backward(B batch, double weight, Arithmetic arithmetic) {
        Tensor part = arithmetic.run(() -> lossSum(batch)).mul(1 / weight);
        part.backward();
        return part.item();
    }
}
