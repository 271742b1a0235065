package dev.shoestring.run;

import dev.shoestring.cost.Cost;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.PeakMemory;
import dev.shoestring.cost.PriceList;
import dev.shoestring.data.Held;
import dev.shoestring.data.LabelledData;
import dev.shoestring.distributed.Team;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.recipe.Task;
import dev.shoestring.report.HtmlReport;
import dev.shoestring.report.LanguageReport;
import dev.shoestring.report.MetricsLine;
import dev.shoestring.report.MetricsLog;
import dev.shoestring.report.ReportContent;
import dev.shoestring.report.RunSummary;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.ValidationPlan;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes what a run leaves behind: the model, the summary, the report. */
final class RunWriter {
    private final Recipe recipe;
    private final RunFolder folder;
    private final Inputs inputs;
    private final RunListener listener;
    private final Team team;
    // Read at the beginning: a file that is damaged meanwhile must not cost the run its end.
    private final Optional<MachineProfile> profile = MachineProfile.load();
    private final String priceSource = PriceList.load().source();

    RunWriter(Recipe recipe, RunFolder folder, Inputs inputs, RunListener listener, Team team) {
        this.team = team;
        this.recipe = recipe;
        this.folder = folder;
        this.inputs = inputs;
        this.listener = listener;
    }

    /** Measures the test split, saves the model, writes summary and report. */
    RunResult finished(
            Job<?> job,
            RunMeter meter,
            ValidationPlan.Progress progress,
            Arithmetic arithmetic,
            @Nullable Baseline baseline,
            StopReason reason) {
        if (!team.first()) {
            return stopped(job, meter, progress, arithmetic, baseline, reason);
        }
        Cost cost = meter.cost();
        listener.message("measuring the best model on the test split and saving it");
        Job.Reported reported = job.reported();
        job.save().accept(folder.model());
        RunSummary summary = summary(
                inputs.modelName(),
                reason,
                work(job, meter, cost),
                outcome(progress.bestValue(), progress.bestStep()),
                reported.test(),
                size(job),
                machine(arithmetic),
                price(cost, meter, arithmetic),
                baseline);
        return write(summary, reported, job.language(folder), reason);
    }

    /** Writes the summary of a run that goes on later, or diverged. */
    RunResult stopped(
            Job<?> job,
            RunMeter meter,
            ValidationPlan.Progress progress,
            Arithmetic arithmetic,
            @Nullable Baseline baseline,
            StopReason reason) {
        Cost cost = meter.cost();
        RunSummary summary = summary(
                inputs.modelName(),
                reason,
                work(job, meter, cost),
                outcome(progress.bestValue(), progress.bestStep()),
                null,
                size(job),
                machine(arithmetic),
                price(cost, meter, arithmetic),
                baseline);
        if (team.first()) {
            summary.write(folder.summary());
        }
        return new RunResult(summary, folder, reason);
    }

    /** Saves the cheap baseline as the run's model. */
    RunResult baselineAsModel(
            ClassifierInputs classifier,
            Baseline trained,
            Ledger ledger,
            StopReason reason,
            @Nullable Baseline baseline) {
        LabelledData data = classifier.data();
        if (team.first()) {
            trained.save().accept(folder.model());
        }
        ledger.addFlops(trained.flops());
        Cost cost = ledger.soFar();
        double value = Trainer.value(recipe, trained.metrics(data, Held.VALIDATION));
        @Nullable Double target = recipe.stop().target();
        boolean reached = target != null && recipe.stop().metric().reached(value, target);
        Job.Reported reported = ClassifierReport.of(data, trained.scorer());
        long seen = (long) trained.epochs() * data.trainExamples();
        RunSummary summary = summary(
                trained.name(),
                reason,
                new RunSummary.Work(trained.epochs(), trained.epochs(), seen, 0, trained.flops()),
                outcome(value, trained.epochs()),
                reported.test(),
                new RunSummary.Parameters(trained.parameters(), trained.parameters()),
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
        if (!team.first()) {
            return new RunResult(summary, folder, reason);
        }
        MetricsLog.create(folder.metrics()).close();
        return write(summary, reported, null, reason);
    }

    private RunResult write(
            RunSummary summary, Job.Reported reported, @Nullable LanguageReport language, StopReason reason) {
        summary.write(folder.summary());
        HtmlReport.write(
                folder.report(),
                new ReportContent(
                        summary,
                        Files.exists(folder.metrics()) ? MetricsLog.read(folder.metrics()) : List.of(),
                        reported.confusion(),
                        reported.mistakes(),
                        inputs.dataReport(),
                        language,
                        RecipeYaml.write(recipe)));
        return new RunResult(summary, folder, reason);
    }

    private RunSummary summary(
            String model,
            StopReason reason,
            RunSummary.Work work,
            RunSummary.Outcome outcome,
            @Nullable Measurement test,
            RunSummary.Parameters parameters,
            RunSummary.Machine machine,
            RunSummary.Cost cost,
            @Nullable Baseline baseline) {
        return new RunSummary(
                recipe.name(),
                recipe.task().key(),
                model,
                reason.status(),
                outcome,
                test == null
                        ? null
                        : new RunSummary.Test(
                                test.accuracy(),
                                test.macroF1(),
                                test.loss(),
                                test.bitsPerByte(),
                                test.rewardMargin(),
                                test.terms()),
                baseline == null || !(inputs instanceof ClassifierInputs classifier)
                        ? null
                        : baseline(baseline, classifier.data()),
                inputs.sizes(),
                work,
                parameters,
                machine,
                cost,
                recipe.seed(),
                Machine.versions());
    }

    private RunSummary.Baseline baseline(Baseline baseline, LabelledData data) {
        @Nullable Double target = recipe.stop().target();
        ClassificationMetrics validation = baseline.metrics(data, Held.VALIDATION);
        double value = Trainer.value(recipe, validation);
        return new RunSummary.Baseline(
                validation.accuracy(),
                data.heldLabels(Held.TEST).length == 0
                        ? null
                        : baseline.metrics(data, Held.TEST).accuracy(),
                baseline.seconds(),
                target == null ? null : recipe.stop().metric().reached(value, target),
                value,
                baseline.name());
    }

    private RunSummary.Outcome outcome(double value, long bestStep) {
        @Nullable Double target = recipe.stop().target();
        boolean measured = Double.isFinite(value);
        return new RunSummary.Outcome(
                recipe.stop().metric().name().toLowerCase(Locale.ROOT),
                measured ? value : null,
                target,
                target == null ? null : measured && recipe.stop().metric().reached(value, target),
                measured ? bestStep : null,
                recipe.task() == Task.PREFERENCE ? preference(bestStep) : null);
    }

    /** From the log, so that a resumed run knows what the model was before its first step. */
    private RunSummary.@Nullable Preference preference(long bestStep) {
        RunSummary.@Nullable Pairs before = null;
        RunSummary.@Nullable Pairs after = null;
        List<MetricsLine> lines = Files.exists(folder.metrics()) ? MetricsLog.read(folder.metrics()) : List.of();
        for (MetricsLine line : lines) {
            if (line instanceof MetricsLine.Evaluation one) {
                RunSummary.Pairs pairs = new RunSummary.Pairs(one.loss(), one.accuracy(), one.rewardMargin());
                before = one.step() == 0 ? pairs : before;
                after = one.step() == bestStep && bestStep > 0 ? pairs : after;
            }
        }
        return before == null && after == null ? null : new RunSummary.Preference(before, after);
    }

    private static RunSummary.Work work(Job<?> job, RunMeter meter, Cost cost) {
        return new RunSummary.Work(
                meter.steps(),
                (double) meter.steps() / job.stepsPerEpoch(),
                meter.examples(),
                meter.tokens(),
                cost.flops());
    }

    private static RunSummary.Parameters size(Job<?> job) {
        return new RunSummary.Parameters(job.parameters(), job.trained());
    }

    private RunSummary.Machine machine(Arithmetic arithmetic) {
        return new RunSummary.Machine(arithmetic.name().toLowerCase(Locale.ROOT), Machine.device(), team.size());
    }

    /** Against the ceiling that was measured on this machine; null if none was. */
    private @Nullable Double utilization(double flopsPerSecond, Arithmetic arithmetic) {
        return profile.map(
                        profile -> profile.matrixProduct().get(arithmetic.name().toLowerCase(Locale.ROOT)))
                .map(ceiling -> flopsPerSecond / ceiling)
                .orElse(null);
    }

    private RunSummary.Cost price(Cost cost, RunMeter meter, Arithmetic arithmetic) {
        @Nullable Cost toTarget = meter.toTarget();
        boolean onTokens = meter.tokens() > 0;
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
                team.bytes());
    }

    private RunSummary.Money money(Cost cost) {
        return new RunSummary.Money(cost.money().amount(), cost.money().currency(), priceSource);
    }
}
