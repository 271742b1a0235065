package dev.shoestring.run;

import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.PriceList;
import dev.shoestring.data.Held;
import dev.shoestring.distributed.Team;
import dev.shoestring.optim.BudgetedSchedule;
import dev.shoestring.optim.Rate;
import dev.shoestring.optim.Schedule;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DivergedException;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.ModelReference;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Precision;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.report.MetricsLog;
import dev.shoestring.report.TensorBoardWriter;
import dev.shoestring.tensor.Device;
import dev.shoestring.tensor.HardwareBf16;
import dev.shoestring.tensor.LostException;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.AveragedEvaluation;
import dev.shoestring.train.BestWeights;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.EvaluationPlan;
import dev.shoestring.train.EvaluationRecord;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Observer;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.TrainingLoop;
import dev.shoestring.train.ValidationPlan;
import dev.shoestring.train.WeightAverage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Trains what a recipe says, into a run folder: the library's front door. */
public final class Trainer {
    /** What rank 0 says to the others where it has no run to go on with. */
    private static final String NOT_RESUMED = "a new run";

    private final RunListener listener;
    private final RunControl control;
    private final Team team;
    private final TeamWork work;

    /** Tells {@code listener} what happens; {@code control} may end the run from another thread. */
    public Trainer(RunListener listener, RunControl control) {
        this(listener, control, Team.alone());
    }

    /**
     * As one of several processes, each of which makes the same calls. Only rank 0 tells its listener and writes to the run folder.
     */
    public Trainer(RunListener listener, RunControl control, Team team) {
        this.listener = team.first() ? listener : RunListener.silent();
        this.control = control;
        this.team = team;
        this.work = new TeamWork(team);
    }

    /**
     * Trains from the start, in a new folder under {@code runs}.
     *
     * @throws dev.shoestring.recipe.UserException if recipe, data or model are not fit to train
     */
    public RunResult train(Recipe recipe, Path runs) {
        return train(recipe, runs, made -> {});
    }

    /**
     * As {@link #train(Recipe, Path)}.
     *
     * @param made told the run's folder as soon as it is there
     */
    public RunResult train(Recipe recipe, Path runs, Consumer<Path> made) {
        try {
            // Where processes start anew, only rank 0's machine knows of a run to go on with.
            String goingOn = team.fromFirst(() -> NOT_RESUMED);
            return goingOn.equals(NOT_RESUMED)
                    ? trainTogether(recipe, runs, made, true)
                    : resumeTogether(new RunFolder(Path.of(goingOn)), List.of());
        } catch (LostException lost) {
            throw left(lost);
        }
    }

    private RunResult trainTogether(Recipe given, Path runs, Consumer<Path> made, boolean last) {
        Recipe recipe = work.sized(DistilledTexts.settled(given), listener);
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained
                && pretrained.from().startsWith(ModelReference.Trained.PREFIX)) {
            String name = pretrained.from().substring(ModelReference.Trained.PREFIX.length());
            listener.message("first: " + name + ", which this recipe begins from");
            RunResult first = trainTogether(Recipes.load(name, List.of("seed=" + recipe.seed())), runs, made, false);
            if (first.reason() == StopReason.INTERRUPTED || first.reason() == StopReason.BUDGET) {
                return first;
            }
            listener.message("then: " + recipe.name());
            String model = first.folder().model().toString();
            return trainTogether(recipe.withModel(new ModelSpec.Pretrained(model)), runs, made, last);
        }
        Recipe shared = work.shared(recipe);
        RunDevice.require(shared.device(), team.size());
        try (Inputs inputs = inputs(shared)) {
            work.requireSame(recipe, inputs);
            RunFolder folder = new RunFolder(Path.of(team.fromFirst(() -> created(recipe, runs))));
            if (last) {
                team.announce(folder.path());
                made.accept(folder.path());
            }
            return run(shared, folder, inputs, Optional.empty());
        }
    }

    private Inputs inputs(Recipe recipe) {
        return team.firstThenOthers(() -> {
            Inputs inputs = Inputs.of(recipe, listener);
            try {
                inputs.awaitModel();
                return inputs;
            } catch (RuntimeException refused) {
                inputs.close();
                throw refused;
            }
        });
    }

    private static String created(Recipe recipe, Path runs) {
        RunFolder folder = RunFolder.create(runs, recipe.name(), LocalDateTime.now(ZoneId.systemDefault()));
        folder.write(folder.recipe(), RecipeYaml.write(recipe));
        return folder.path().toString();
    }

    /**
     * Goes on with a run that was interrupted, killed or stopped by its budget, from its newest checkpoint.
     *
     * @param run the run's folder
     * @param overrides {@code key=value} changes to the recipe's {@code stop} section, such as a larger budget, or to
     *     {@code distributed.shard}
     * @throws dev.shoestring.recipe.UserException if there is no such run, or it is complete
     */
    public RunResult resume(Path run, List<String> overrides) {
        try {
            // The run is where rank 0 is; the others need not have its folder.
            String goingOn = team.fromFirst(() -> RunFolder.open(run).path().toString());
            if (goingOn.equals(NOT_RESUMED)) {
                throw new InputException("--resume: rank 0 begins a new run; give all processes the same command");
            }
            return resumeTogether(new RunFolder(Path.of(goingOn)), overrides);
        } catch (LostException lost) {
            throw left(lost);
        }
    }

    /** Another process is gone while nothing is trained that could be saved. */
    private LeftAloneException left(LostException lost) {
        return new LeftAloneException(
                "rank " + team.rank() + ": lost " + team.lost() + " (" + lost.getMessage() + ")", lost);
    }

    private RunResult resumeTogether(RunFolder folder, List<String> overrides) {
        for (String override : overrides) {
            // Who keeps the optimizer's state changes nothing of what is learnt.
            if (!override.startsWith("stop.") && !override.startsWith("distributed.shard=")) {
                throw new InputException(
                        "--set: a resumed run keeps its recipe, only stop.* and distributed.shard can be changed, but got \""
                                + override + "\"; start a new run instead");
            }
        }
        Recipe recipe = Recipes.parse(
                folder.name(),
                team.fromFirst(
                        () -> RecipeYaml.write(Recipes.load(folder.recipe().toString(), overrides))),
                List.of());
        boolean complete = team.foundByFirst(() -> Files.isRegularFile(folder.report()) && !folder.stoppedOnTheWay());
        if (complete) {
            throw new InputException(folder.path() + ": this run is complete, there is nothing to resume; "
                    + "its report is report.html, its model is model/");
        }
        Recipe shared = work.shared(recipe);
        RunDevice.require(shared.device(), team.size());
        try (Inputs inputs = inputs(shared)) {
            work.requireSame(recipe, inputs);
            team.announce(folder.path());
            if (!overrides.isEmpty() && team.first()) {
                folder.write(folder.recipe(), RecipeYaml.write(recipe));
            }
            return run(
                    shared,
                    folder,
                    inputs,
                    team.first() ? new Checkpoints(folder.checkpoints()).newest() : Optional.empty());
        }
    }

    private RunResult run(Recipe recipe, RunFolder folder, Inputs inputs, Optional<Checkpoints.Saved> saved) {
        RunWriter writer = new RunWriter(recipe, folder, inputs, listener, team);
        inputs.notes().forEach(listener::message);
        PriceList prices = PriceList.load();
        if (recipe.stop().budget().money() != null) {
            prices.requireCurrency(recipe.stop().budget().currency());
        }
        Ledger ledger = Ledger.start(prices);
        if (!(inputs instanceof ClassifierInputs classifier)) {
            return train(recipe, prices, writer, folder, inputs, null, saved);
        }
        if (classifier.baselineOnly()) {
            try (Baseline only = classifier.baseline()) {
                return writer.baselineAsModel(classifier, only, ledger, StopReason.COMPLETED, null);
            }
        }
        // Rank 0 trains it and decides; the others would come to the same, at the same price.
        boolean mine = recipe.baseline() && team.first();
        try (@Nullable Baseline baseline = mine ? classifier.baseline() : null) {
            boolean reached =
                    team.foundByFirst(() -> baseline != null && reachesTarget(baseline, recipe, folder, classifier));
            if (!reached) {
                return train(recipe, prices, writer, folder, inputs, baseline, saved);
            }
            if (baseline != null) {
                return writer.baselineAsModel(classifier, baseline, ledger, StopReason.TARGET_REACHED, baseline);
            }
        }
        try (Baseline again = classifier.baseline()) {
            return writer.baselineAsModel(classifier, again, ledger, StopReason.TARGET_REACHED, again);
        }
    }

    /** Keeps the baseline in the run's folder, says how good it is, and whether nothing more is needed. */
    private boolean reachesTarget(Baseline baseline, Recipe recipe, RunFolder folder, ClassifierInputs inputs) {
        baseline.save().accept(folder.baseline());
        ClassificationMetrics reached = baseline.metrics(inputs.data(), Held.VALIDATION);
        listener.message(String.format(
                "baseline: %s, %.1f%% validation accuracy in %.1f s",
                baseline.name().replace('-', ' '), 100 * reached.accuracy(), baseline.seconds()));
        @Nullable Double target = recipe.stop().target();
        if (target == null || !recipe.stop().metric().reached(value(recipe, reached), target)) {
            return false;
        }
        listener.message(String.format(
                "the baseline already reaches the target (%.3f): nothing more is trained; "
                        + "--no-baseline trains on all the same",
                target));
        return true;
    }

    private RunResult train(
            Recipe recipe,
            PriceList prices,
            RunWriter writer,
            RunFolder folder,
            Inputs inputs,
            @Nullable Baseline baseline,
            Optional<Checkpoints.Saved> own) {
        try (RunDevice device = RunDevice.use(recipe.device())) {
            Optional<Checkpoints.Saved> saved = work.saved(own);
            Arithmetic arithmetic = Arithmetic.valueOf(
                    team.fromFirst(() -> arithmetic(recipe.precision()).name()));
            // Before the job is made: a frozen encoder's features are computed then, and are part of the price.
            Ledger ledger = saved.map(from -> Ledger.resume(prices, RunMeter.cost(from.state())))
                    .orElseGet(() -> Ledger.start(prices));
            MemorySpec measures = saved.flatMap(from -> Checkpointer.measures(from.state()))
                    .orElseGet(() -> inputs.measures(arithmetic, work.memory(recipe)));
            ledger.machines(team.machines());
            RunMeter meter = new RunMeter(ledger, recipe.stop(), evaluationInSteps(recipe, inputs));
            try (Job<?> job =
                    team.firstThenOthers(() -> inputs.job(arithmetic, work.shards(recipe.distributed()), measures))) {
                if (saved.isEmpty()) {
                    if (team.first()) {
                        DiskSpace.require(folder, job.store());
                    }
                    meter.prepared(job.preparationFlops());
                }
                return train(job, recipe, arithmetic, measures, meter, writer, folder, inputs, baseline, saved);
            }
        }
    }

    static double value(Recipe recipe, ClassificationMetrics metrics) {
        return ValidationPlan.value(recipe.stop().metric(), Measurement.of(metrics));
    }

    static Arithmetic arithmetic(Precision precision) {
        return switch (precision) {
            case AUTO ->
                HardwareBf16.available()
                                && (Device.current() != Device.CPU
                                        || MachineProfile.load()
                                                .map(MachineProfile::prefersBf16)
                                                .orElse(true))
                        ? Arithmetic.BF16
                        : Arithmetic.FP32;
            case FP32 -> Arithmetic.FP32;
            case BF16 -> Arithmetic.BF16;
        };
    }

    private <B extends MicroBatch> RunResult train(
            Job<B> job,
            Recipe recipe,
            Arithmetic arithmetic,
            MemorySpec measures,
            RunMeter meter,
            RunWriter writer,
            RunFolder folder,
            Inputs inputs,
            @Nullable Baseline baseline,
            Optional<Checkpoints.Saved> saved) {
        OptimizerSpec spec = recipe.optimizer();
        Map<String, Tensor> changing = job.changing();
        long steps = recipe.schedule().steps(job.stepsPerEpoch());
        try (BestWeights best = new BestWeights(changing)) {
            ValidationPlan validation = new ValidationPlan(
                    recipe.stop(),
                    job.stepsPerEpoch(),
                    steps,
                    () -> job.validation(work.division()),
                    best,
                    saved.map(from -> Checkpointer.progress(from.state())).orElse(ValidationPlan.Progress.START));
            Checkpointer checkpointer = new Checkpointer(
                    new Checkpoints(folder.checkpoints()),
                    changing,
                    work.state(job.optimizer(), recipe.distributed()),
                    best,
                    validation::progress,
                    meter,
                    inputs.fingerprint(),
                    measures,
                    bytes -> MemoryPlan.roomFor(bytes, recipe));
            checkpointer.begin(saved, work);
            @Nullable StopReason ended = validation.ended();
            if (ended != null) {
                control.stop(ended);
            }
            boolean validated = inputs.validationExamples() > 0;
            @Nullable WeightAverage average = job.average();
            EvaluationPlan evaluation = validated ? validation : EvaluationPlan.none();
            evaluation = average == null ? evaluation : new AveragedEvaluation(evaluation, average);
            long first = saved.map(Checkpoints.Saved::step).orElse(0L);
            StopReason reason;
            TeamWork.Step together = work.step(job, recipe.distributed(), steps, checkpointer);
            try (together;
                    checkpointer;
                    @Nullable MetricsRecorder recorder = team.first() ? recorder(recipe, folder, meter, saved) : null) {
                if (saved.isEmpty() && team.first()) {
                    job.begin(folder);
                }
                // What each had to prepare may take longer than a step may.
                team.meet();
                if (validated && saved.isEmpty() && beganPretrained(recipe)) {
                    before(recipe, job.validation(work.division()), recorder);
                }
                StepBatches<B> own = work.batches(job.batches());
                reason = new TrainingLoop<>(
                                step -> {
                                    job.startStep().accept(step);
                                    return own.step(step);
                                },
                                job.objective(),
                                arithmetic,
                                job.optimizer(),
                                rate(recipe, steps, meter),
                                spec.clipNorm(),
                                together.sync(),
                                evaluation,
                                observers(meter, recorder, together.saving()))
                        .run(first, control);
                if (recorder != null) {
                    recorder.end(reason != StopReason.DIVERGED);
                }
                if (reason != StopReason.DIVERGED) {
                    checkpointer.write();
                }
            } catch (LostException lost) {
                throw left(lost, checkpointer, together, folder);
            }
            if (reason == StopReason.DIVERGED) {
                writer.stopped(job, meter, validation.progress(), arithmetic, baseline, reason);
                throw new DivergedException(
                        "training diverged at step " + (meter.steps() + 1)
                                + ": the loss or its gradient is no longer a finite number; lower optimizer."
                                + (recipe.adapt() instanceof AdaptSpec.Head
                                        ? "head_lr (" + spec.headLr()
                                        : "lr (" + spec.lr())
                                + ") or set precision: fp32. The run is in " + folder.path(),
                        folder.path());
            }
            if (reason == StopReason.INTERRUPTED) {
                return writer.stopped(job, meter, validation.progress(), arithmetic, baseline, reason);
            }
            if (validated) {
                if (validation.progress().bestStep() == 0) {
                    evaluation.evaluate(meter.steps(), control);
                }
                best.restore();
            } else if (average != null) {
                average.exchange();
            }
            return writer.finished(job, meter, validation.progress(), arithmetic, baseline, reason);
        }
    }

    private static List<Observer> observers(RunMeter meter, @Nullable MetricsRecorder recorder, List<Observer> saving) {
        List<Observer> observers = new ArrayList<>(List.of(meter));
        if (recorder != null) {
            observers.add(recorder);
        }
        observers.addAll(saving);
        return observers;
    }

    /** What remains when another process is gone: rank 0 saves the steps that all have done, unless it was in the middle of one. */
    private LeftAloneException left(
            LostException lost, Checkpointer checkpointer, TeamWork.Step together, RunFolder folder) {
        String who = team.lost();
        if (team.first() && together.sync().atBoundary()) {
            checkpointer.write();
        }
        return new LeftAloneException(
                "rank " + team.rank() + ": lost " + who + " (" + lost.getMessage() + "); the run goes on with "
                        + "the same command and --resume " + folder.path(),
                lost);
    }

    /** Whether the model can do something before it is trained: a language model that has been trained before. */
    private static boolean beganPretrained(Recipe recipe) {
        return recipe.task().language() && recipe.model() instanceof ModelSpec.Pretrained;
    }

    private void before(Recipe recipe, Measurement measured, @Nullable MetricsRecorder recorder) {
        if (recorder == null) {
            return;
        }
        double value = ValidationPlan.value(recipe.stop().metric(), measured);
        recorder.afterEvaluation(new EvaluationRecord(0, value, measured, false, 0), control);
        listener.message(String.format(
                "before training: validation %s %.3f",
                recipe.stop().metric().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'), value));
    }

    private static Rate rate(Recipe recipe, long steps, RunMeter meter) {
        Schedule schedule = Schedule.of(recipe.schedule(), steps);
        return recipe.stop().budget().limits()
                ? new BudgetedSchedule(schedule, meter::spent, meter::opening)
                : schedule;
    }

    /** A forward pass is about a third of a step's work. */
    private static double evaluationInSteps(Recipe recipe, Inputs inputs) {
        return inputs.validationExamples() / (3.0 * recipe.batch().global());
    }

    private MetricsRecorder recorder(
            Recipe recipe, RunFolder folder, RunMeter meter, Optional<Checkpoints.Saved> saved) {
        MetricsLog log = saved.isPresent()
                ? MetricsLog.resume(folder.metrics(), saved.get().step())
                : MetricsLog.create(folder.metrics());
        TensorBoardWriter board = saved.isPresent()
                ? TensorBoardWriter.resume(folder.path(), saved.get().step())
                : TensorBoardWriter.create(folder.path());
        if (saved.isEmpty()) {
            board.recipe(RecipeYaml.write(recipe));
            board.hparams(settings(recipe), List.of("validation/accuracy", "validation/macro_f1", "cost/money"));
        }
        return new MetricsRecorder(recipe, meter, log, board, listener);
    }

    /** What TensorBoard compares runs by. */
    private static Map<String, Object> settings(Recipe recipe) {
        return Map.of(
                "recipe", recipe.name(),
                "seed", recipe.seed(),
                "lr", recipe.optimizer().lr(),
                "head_lr", recipe.optimizer().headLr(),
                "weight_decay", recipe.optimizer().weightDecay(),
                "batch", recipe.batch().global(),
                "epochs", recipe.schedule().epochs(),
                "dropout", recipe.dropout(),
                "label_smoothing", recipe.labelSmoothing());
    }
}
