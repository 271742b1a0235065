package dev.shoestring.run;

import dev.shoestring.data.Encoded;
import dev.shoestring.models.Bert;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Objective;
import dev.shoestring.train.StepBatches;
import java.util.List;
import java.util.function.Function;

/**
 * A classifier ready to be trained.
 *
 * @param model the network
 * @param store its parameters
 * @param dropout its dropout
 * @param batches training data in steps
 * @param objective what training makes small
 * @param stepsPerEpoch steps in a pass over the training data
 * @param scorer class scores of the validation ({@code VALIDATION}) or test split, (examples, labels)
 * @param preparationFlops floating-point operations spent before the first step
 */
record ClassifierJob<B extends MicroBatch>(
        Bert model,
        ParameterStore store,
        Dropout dropout,
        StepBatches<B> batches,
        Objective<B> objective,
        int stepsPerEpoch,
        Function<Held, float[][]> scorer,
        double preparationFlops)
        implements AutoCloseable {
    /** A split that is measured. */
    enum Held {
        VALIDATION,
        TEST
    }

    /** The token ids of all splits. */
    record Splits(List<Encoded> train, List<Encoded> validation, List<Encoded> test) {}

    @Override
    public void close() {
        store.close();
        dropout.close();
    }
}
