package dev.shoestring.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.cost.Cost;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.PeakMemory;
import dev.shoestring.cost.PriceList;
import dev.shoestring.data.Example;
import dev.shoestring.data.TextData;
import dev.shoestring.hub.ModelFolder;
import dev.shoestring.models.BagOfWords;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.report.ConfusionMatrix;
import dev.shoestring.report.DataReport;
import dev.shoestring.report.HtmlReport;
import dev.shoestring.report.MetricsLog;
import dev.shoestring.report.Mistake;
import dev.shoestring.report.ReportContent;
import dev.shoestring.report.RunSummary;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.TensorFiles;
import dev.shoestring.train.ValidationPlan;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes what a run leaves behind: the model, the summary, the report. */
final class RunWriter {
    private static final int MISTAKES = 20;

    private final Recipe recipe;
    private final RunFolder folder;
    private final Inputs inputs;
    private final RunListener listener;
    private final TextData data;

    RunWriter(Recipe recipe, RunFolder folder, Inputs inputs, RunListener listener) {
        this.recipe = recipe;
        this.folder = folder;
        this.inputs = inputs;
        this.listener = listener;
        this.data = inputs.data();
    }

    /** Measures the test split, saves the model, writes summary and report. */
    RunResult finished(
            ClassifierJob<?> job,
            RunMeter meter,
            ValidationPlan.Progress progress,
            Arithmetic arithmetic,
            @Nullable Baseline baseline,
            StopReason reason) {
        Cost cost = meter.cost();
        listener.message("measuring the best model on the test split and saving it");
        Held held = data.test().isEmpty()
                ? new Held(data.validation(), job.scorer().apply(ClassifierJob.Held.VALIDATION))
                : new Held(data.test(), job.scorer().apply(ClassifierJob.Held.TEST));
        saveModel(job);
        RunSummary summary = summary(
                modelName(),
                reason,
                work(job, meter, cost),
                outcome(progress.bestValue(), progress.bestStep()),
                held.metrics(),
                size(job),
                machine(arithmetic),
                price(cost, meter, arithmetic),
                baseline);
        return write(summary, held, reason);
    }

    /** Writes the summary of a run that goes on later. */
    RunResult interrupted(
            ClassifierJob<?> job,
            RunMeter meter,
            ValidationPlan.Progress progress,
            Arithmetic arithmetic,
            @Nullable Baseline baseline) {
        Cost cost = meter.cost();
        RunSummary summary = summary(
                modelName(),
                StopReason.INTERRUPTED,
                work(job, meter, cost),
                outcome(progress.bestValue(), progress.bestStep()),
                null,
                size(job),
                machine(arithmetic),
                price(cost, meter, arithmetic),
                baseline);
        summary.write(folder.summary());
        return new RunResult(summary, folder, StopReason.INTERRUPTED);
    }

    /** Saves a bag of words as the run's model. */
    RunResult bagOfWords(Baseline trained, Ledger ledger, StopReason reason, @Nullable Baseline baseline) {
        BagOfWords model = trained.model();
        BagOfWordsFolder.write(folder.model(), model, data.labels());
        ledger.addFlops(trained.flops());
        Cost cost = ledger.soFar();
        double value = Trainer.value(recipe, trained.validation());
        @Nullable Double target = recipe.stop().target();
        boolean reached = target != null && value >= target;
        long seen = (long) trained.epochs() * data.train().size();
        RunSummary summary = summary(
                "bag-of-words",
                reason,
                new RunSummary.Work(trained.epochs(), trained.epochs(), seen, 0, trained.flops()),
                outcome(value, trained.epochs()),
                trained.test(),
                new RunSummary.Parameters(model.parameterCount(), model.parameterCount()),
                new RunSummary.Machine("fp32", Machine.processor(), 1),
                new RunSummary.Cost(
                        cost.wallSeconds(),
                        cost.cpuSeconds(),
                        reached ? cost.wallSeconds() : null,
                        reached
                                ? new RunSummary.ToTarget(
                                        cost.flops(),
                                        cost.energy().joules(),
                                        cost.money().amount())
                                : null,
                        new RunSummary.Energy(
                                cost.energy().joules(), cost.energy().source()),
                        money(cost),
                        new RunSummary.PeakMemory(PeakMemory.hostBytes(), null),
                        new RunSummary.Throughput(seen / Math.max(1e-9, trained.seconds()), "examples/s"),
                        null,
                        0),
                baseline);
        MetricsLog.create(folder.metrics()).close();
        List<Example> examples = data.test().isEmpty() ? data.validation() : data.test();
        return write(summary, new Held(examples, Baseline.logits(model, examples)), reason);
    }

    /** A measured split. A class and no record, for its array is compared nowhere. */
    private static final class Held {
        private final List<Example> examples;
        private final float[][] logits;

        Held(List<Example> examples, float[][] logits) {
            this.examples = examples;
            this.logits = logits;
        }

        List<Example> examples() {
            return examples;
        }

        float[][] logits() {
            return logits;
        }

        ClassificationMetrics metrics() {
            return ClassificationMetrics.of(logits, Baseline.labels(examples));
        }
    }

    private RunResult write(RunSummary summary, Held held, StopReason reason) {
        summary.write(folder.summary());
        HtmlReport.write(
                folder.report(),
                new ReportContent(
                        summary,
                        Files.exists(folder.metrics()) ? MetricsLog.read(folder.metrics()) : List.of(),
                        confusion(held),
                        mistakes(held),
                        dataReport(),
                        RecipeYaml.write(recipe)));
        return new RunResult(summary, folder, reason);
    }

    private void saveModel(ClassifierJob<?> job) {
        ObjectNode config = job.model().config().toJson(data.labels(), recipe.dropout());
        config.put("shoestring_max_tokens", recipe.data().maxTokens());
        Map<String, Tensor> all = new LinkedHashMap<>(job.store().all());
        TensorFiles.lend(
                all,
                tensors ->
                        ModelFolder.write(folder.model(), config, inputs.model().tokenizerJson(), tensors));
    }

    private RunSummary summary(
            String model,
            StopReason reason,
            RunSummary.Work work,
            RunSummary.Outcome outcome,
            @Nullable ClassificationMetrics test,
            RunSummary.Parameters parameters,
            RunSummary.Machine machine,
            RunSummary.Cost cost,
            @Nullable Baseline baseline) {
        return new RunSummary(
                recipe.name(),
                "text-classification",
                model,
                reason.status(),
                outcome,
                test == null || data.test().isEmpty()
                        ? null
                        : new RunSummary.Test(test.accuracy(), test.macroF1(), test.loss(), test.examples()),
                baseline == null ? null : baseline(baseline),
                new RunSummary.Data(
                        data.train().size(),
                        data.validation().size(),
                        data.test().size(),
                        data.labels().size(),
                        data.report().imbalance()),
                work,
                parameters,
                machine,
                cost,
                recipe.seed(),
                Machine.versions());
    }

    private RunSummary.Baseline baseline(Baseline baseline) {
        @Nullable Double target = recipe.stop().target();
        return new RunSummary.Baseline(
                baseline.validation().accuracy(),
                data.test().isEmpty() ? null : baseline.test().accuracy(),
                baseline.seconds(),
                target == null ? null : Trainer.value(recipe, baseline.validation()) >= target);
    }

    private String modelName() {
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained) {
            return pretrained.from();
        }
        return recipe.model() instanceof ModelSpec.FreshBert ? "bert (random weights)" : "bag-of-words";
    }

    private RunSummary.Outcome outcome(double value, long bestStep) {
        @Nullable Double target = recipe.stop().target();
        boolean measured = Double.isFinite(value);
        return new RunSummary.Outcome(
                recipe.stop().metric().name().toLowerCase(Locale.ROOT),
                measured ? value : null,
                target,
                target == null ? null : measured && value >= target,
                measured ? bestStep : null);
    }

    private static RunSummary.Work work(ClassifierJob<?> job, RunMeter meter, Cost cost) {
        return new RunSummary.Work(
                meter.steps(),
                (double) meter.steps() / job.stepsPerEpoch(),
                meter.examples(),
                meter.tokens(),
                cost.flops() + job.preparationFlops());
    }

    private RunSummary.Parameters size(ClassifierJob<?> job) {
        EncoderShape shape =
                ClassifierJobs.shape(job.model().config(), data.labels().size());
        long trained = job.store().trainable().values().stream()
                .mapToLong(Tensor::numel)
                .sum();
        return new RunSummary.Parameters(shape.parameters(), trained);
    }

    private static RunSummary.Machine machine(Arithmetic arithmetic) {
        return new RunSummary.Machine(arithmetic.name().toLowerCase(Locale.ROOT), Machine.processor(), 1);
    }

    /** Against the ceiling that was measured on this machine; null if none was. */
    private static @Nullable Double utilization(double flopsPerSecond, Arithmetic arithmetic) {
        return MachineProfile.load()
                .map(profile -> profile.matrixProduct().get(arithmetic.name().toLowerCase(Locale.ROOT)))
                .map(ceiling -> flopsPerSecond / ceiling)
                .orElse(null);
    }

    private RunSummary.Cost price(Cost cost, RunMeter meter, Arithmetic arithmetic) {
        @Nullable Cost toTarget = meter.toTarget();
        boolean onTokens = !(recipe.adapt() instanceof AdaptSpec.Head);
        double seconds = Math.max(1e-9, meter.stepSeconds());
        return new RunSummary.Cost(
                cost.wallSeconds(),
                cost.cpuSeconds(),
                toTarget == null ? null : toTarget.wallSeconds(),
                toTarget == null
                        ? null
                        : new RunSummary.ToTarget(
                                toTarget.flops(),
                                toTarget.energy().joules(),
                                toTarget.money().amount()),
                new RunSummary.Energy(cost.energy().joules(), cost.energy().source()),
                money(cost),
                new RunSummary.PeakMemory(PeakMemory.hostBytes(), null),
                onTokens
                        ? new RunSummary.Throughput(meter.tokens() / seconds, "tokens/s")
                        : new RunSummary.Throughput(meter.examples() / seconds, "examples/s"),
                utilization(meter.stepFlops() / seconds, arithmetic),
                0);
    }

    private static RunSummary.Money money(Cost cost) {
        return new RunSummary.Money(
                cost.money().amount(), cost.money().currency(), PriceList.load().source());
    }

    private ConfusionMatrix confusion(Held held) {
        int[] predicted = Arrays.stream(held.logits())
                .mapToInt(ClassificationMetrics::argmax)
                .toArray();
        return ConfusionMatrix.of(data.labels(), Baseline.labels(held.examples()), predicted);
    }

    /** The examples that the model gets wrong and is surest of. */
    private List<Mistake> mistakes(Held held) {
        List<Mistake> mistakes = new ArrayList<>();
        for (int i = 0; i < held.logits().length; i++) {
            Example example = held.examples().get(i);
            int predicted = ClassificationMetrics.argmax(held.logits()[i]);
            if (predicted != example.label()) {
                double probability = ClassificationMetrics.probabilities(held.logits()[i])[predicted];
                mistakes.add(new Mistake(
                        example.text(),
                        data.labels().get(example.label()),
                        data.labels().get(predicted),
                        probability));
            }
        }
        mistakes.sort(Comparator.comparingDouble(Mistake::probability).reversed());
        return mistakes.subList(0, Math.min(MISTAKES, mistakes.size()));
    }

    private DataReport dataReport() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        data.report().labels().forEach(label -> byLabel.put(label.label(), (long) label.train()));
        Map<String, Long> dropped = new LinkedHashMap<>();
        data.report().dropped().forEach(reason -> dropped.put(reason.reason(), (long) reason.rows()));
        return new DataReport(byLabel, dropped);
    }
}
