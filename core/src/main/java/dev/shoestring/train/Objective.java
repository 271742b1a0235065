package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;

/** What training makes small. */
@FunctionalInterface
public interface Objective<B extends MicroBatch> {
    /** The sum of the losses of a micro-batch's terms, a tensor of one element with gradient history. */
    Tensor lossSum(B batch);
}
