package dev.shoestring.run;

import dev.shoestring.data.Held;
import dev.shoestring.data.LabelledData;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.Division;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Objective;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.WeightAverage;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
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
 * @param scorer class scores of a held-out split
 * @param preparationFlops floating-point operations spent before the first step
 * @param parameters numbers in the whole network
 * @param data the labels that the scores are measured by
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
        HeldScorer scorer,
        double preparationFlops,
        long parameters,
        LabelledData data,
        Consumer<Path> save,
        Runnable free)
        implements Job<B> {
    @Override
    public Measurement validation(Division division) {
        int[] labels = data.heldLabels(Held.VALIDATION);
        float[][] scores = division.rows(labels.length, which -> scorer.logits(Held.VALIDATION, which));
        return Measurement.of(ClassificationMetrics.of(scores, labels));
    }

    @Override
    public Reported reported() {
        return ClassifierReport.of(
                data,
                held -> scorer.logits(
                        held, IntStream.range(0, data.heldLabels(held).length).toArray()));
    }

    /** Numbers of the network that the optimizer changes; what belongs to training alone is not counted, as in {@link #parameters}. */
    @Override
    public long trained() {
        return Job.super.trained() - DistilledTexts.onlyForTraining(store);
    }

    @Override
    public void close() {
        optimizer.close();
        store.close();
        free.run();
    }
}
