package dev.shoestring.run;

import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.report.LanguageReport;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.Objective;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.TokenRows;
import dev.shoestring.train.WeightAverage;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A language model ready to be trained.
 *
 * @param store its parameters
 * @param optimizer what changes them
 * @param data what it is trained on
 * @param objective what training makes small
 * @param measure sum of the losses of some rows, without gradients
 * @param parameters numbers in the whole network
 * @param samples what it writes
 * @param save writes the model as it is into a folder
 */
record LanguageJob(
        ParameterStore store,
        Optimizer optimizer,
        LanguageData data,
        Objective<TokenRows> objective,
        ToDoubleFunction<TokenRows> measure,
        long parameters,
        SampleTexts samples,
        Consumer<Path> save)
        implements Job<TokenRows> {
    @Override
    public @Nullable WeightAverage average() {
        return null;
    }

    @Override
    public LongConsumer startStep() {
        return step -> {};
    }

    @Override
    public StepBatches<TokenRows> batches() {
        return data.batches();
    }

    @Override
    public int stepsPerEpoch() {
        return data.stepsPerEpoch();
    }

    @Override
    public double preparationFlops() {
        return 0;
    }

    @Override
    public Measurement validation() {
        return measured(data.validation());
    }

    @Override
    public Reported reported() {
        return new Reported(data.test().rows().isEmpty() ? null : measured(data.test()), null, List.of());
    }

    @Override
    public void begin(RunFolder folder) {
        samples.before(folder);
    }

    @Override
    public LanguageReport language(RunFolder folder) {
        return new LanguageReport(data.figures(), samples.after(folder.samples()));
    }

    private Measurement measured(LanguageSplit split) {
        double sum = 0;
        long terms = 0;
        for (TokenRows rows : split.rows()) {
            try (TensorScope scope = TensorScope.open()) {
                sum += measure.applyAsDouble(rows);
                terms += rows.weight();
            }
        }
        return new Measurement(
                null,
                null,
                sum / Math.max(1, terms),
                split.bytes() > 0 ? sum / Math.log(2) / split.bytes() : null,
                terms);
    }

    @Override
    public void close() {
        optimizer.close();
        store.close();
    }
}
