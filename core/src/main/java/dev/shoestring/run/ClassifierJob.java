package dev.shoestring.run;

import dev.shoestring.data.Held;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Objective;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.WeightAverage;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A classifier ready to be trained.
 *
 * @param store its parameters
 * @param optimizer what changes them
 * @param average the running average of its parameters that is evaluated and kept; null if there is none
 * @param startStep called with each step's number before its batches are asked for
 * @param batches training data in steps
 * @param objective what training makes small
 * @param stepsPerEpoch steps in a pass over the training data
 * @param scorer class scores of a held-out split, (examples, labels)
 * @param preparationFlops floating-point operations spent before the first step
 * @param parameters numbers in the whole network
 * @param save writes the model as it is into a folder
 * @param free frees what is not in the store
 */
record ClassifierJob<B extends MicroBatch>(
        ParameterStore store,
        Optimizer optimizer,
        @Nullable WeightAverage average,
        LongConsumer startStep,
        StepBatches<B> batches,
        Objective<B> objective,
        int stepsPerEpoch,
        Function<Held, float[][]> scorer,
        double preparationFlops,
        long parameters,
        Consumer<Path> save,
        Runnable free)
        implements AutoCloseable {
    /** Everything that training changes: what the optimizer changes, and running statistics. */
    Map<String, Tensor> changing() {
        Map<String, Tensor> changing = new LinkedHashMap<>(store.all());
        changing.values().retainAll(new HashSet<>(optimizer.parameters()));
        changing.putAll(store.buffers());
        return changing;
    }

    /** Numbers that the optimizer changes. */
    long trained() {
        return optimizer.parameters().stream().mapToLong(Tensor::numel).sum();
    }

    @Override
    public void close() {
        optimizer.close();
        store.close();
        free.run();
    }
}
