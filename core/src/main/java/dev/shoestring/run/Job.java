package dev.shoestring.run;

import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.report.ConfusionMatrix;
import dev.shoestring.report.LanguageReport;
import dev.shoestring.report.Mistake;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Division;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Objective;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.WeightAverage;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A model ready to be trained. */
interface Job<B extends MicroBatch> extends AutoCloseable {
    /** Its parameters. */
    ParameterStore store();

    /** What changes them. */
    Optimizer optimizer();

    /** The running average of its parameters that is evaluated and kept; null if there is none. */
    @Nullable
    WeightAverage average();

    /** Called with each step's number before its batches are asked for. */
    LongConsumer startStep();

    /** Training data in steps. */
    StepBatches<B> batches();

    /** What training makes small. */
    Objective<B> objective();

    /** Steps in a pass over the training data. */
    int stepsPerEpoch();

    /** Floating-point operations spent before the first step. */
    double preparationFlops();

    /** Numbers in the whole network. */
    long parameters();

    /** Writes the model as it is into a folder. */
    Consumer<Path> save();

    /** Measures the validation split, this process its part of it. */
    Measurement validation(Division division);

    /** Measures the split that is reported, and what a report shows of it. */
    Reported reported();

    /**
     * What a report shows of a split.
     *
     * @param test what was measured on the test split; null if there is none, and all else is of the validation split
     * @param confusion what was predicted; null where there are no labels
     * @param mistakes examples that the model gets wrong, the worst first
     */
    record Reported(@Nullable Measurement test, @Nullable ConfusionMatrix confusion, List<Mistake> mistakes) {}

    /** Called before the first step of a run, not where one is resumed. */
    default void begin(RunFolder folder) {}

    /** What only the report of a language model shows; null for other jobs. */
    default @Nullable LanguageReport language(RunFolder folder) {
        return null;
    }

    /** Everything that training changes: what the optimizer changes, and running statistics. */
    default Map<String, Tensor> changing() {
        Map<String, Tensor> changing = new LinkedHashMap<>(store().all());
        changing.values().retainAll(new HashSet<>(optimizer().parameters()));
        changing.putAll(store().buffers());
        return changing;
    }

    /** Numbers that the optimizer changes. */
    default long trained() {
        return optimizer().parameters().stream().mapToLong(Tensor::numel).sum();
    }

    @Override
    void close();
}
