package dev.shoestring.train;

import java.util.List;

/** The training data in steps. What a step holds depends on its number alone, so that a run can go on at any step. */
@FunctionalInterface
public interface StepBatches<B extends MicroBatch> {
    /** The micro-batches of the step numbered from 0. */
    List<B> step(long step);
}
