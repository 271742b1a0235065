package dev.shoestring.run;

import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.report.LanguageReport;
import dev.shoestring.report.LanguageReport.Figure;
import dev.shoestring.train.Division;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Objective;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.WeightAverage;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A language model ready to be trained.
 *
 * @param store its parameters
 * @param optimizer what changes them
 * @param work what it is trained on and measured by
 * @param parameters numbers in the whole network
 * @param figures what a report shows of its data
 * @param samples what it writes
 * @param save writes the model as it is into a folder
 */
record LanguageJob<B extends MicroBatch>(
        ParameterStore store,
        Optimizer optimizer,
        LanguageWork<B> work,
        long parameters,
        List<Figure> figures,
        SampleTexts samples,
        Consumer<Path> save)
        implements Job<B> {
    @Override
    public @Nullable WeightAverage average() {
        return null;
    }

    @Override
    public LongConsumer startStep() {
        return step -> {};
    }

    @Override
    public StepBatches<B> batches() {
        return work.batches();
    }

    @Override
    public Objective<B> objective() {
        return work.objective();
    }

    @Override
    public int stepsPerEpoch() {
        return work.stepsPerEpoch();
    }

    @Override
    public double preparationFlops() {
        return work.preparationFlops();
    }

    @Override
    public Measurement validation(Division division) {
        return work.validation().apply(division);
    }

    @Override
    public Reported reported() {
        @Nullable Supplier<Measurement> test = work.test();
        return new Reported(test == null ? null : test.get(), null, List.of());
    }

    @Override
    public void begin(RunFolder folder) {
        samples.before(folder);
    }

    @Override
    public LanguageReport language(RunFolder folder) {
        return new LanguageReport(figures, samples.after(folder.samples()));
    }

    /** Numbers of the network that the optimizer changes; what belongs to training alone is not counted, as in {@link #parameters}. */
    @Override
    public long trained() {
        return Job.super.trained() - DistilledTexts.onlyForTraining(store);
    }

    @Override
    public void close() {
        work.closed().run();
        optimizer.close();
        store.close();
    }
}
