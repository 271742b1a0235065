package dev.shoestring.run;

import dev.shoestring.cost.Cost;
import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.models.BertConfig;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.recipe.StopSpec;
import dev.shoestring.recipe.Task;
import dev.shoestring.report.Figures;
import dev.shoestring.report.RunSummary;
import dev.shoestring.report.ShrinkPage;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.report.ShrinkReport.Candidate;
import dev.shoestring.shrink.BertImportance;
import dev.shoestring.shrink.EncoderShapes;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.shrink.TeacherAnswers;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.ValidationPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a trained classifier of texts smaller at about the same accuracy: parts that matter little are cut out, and what remains learns the
 * original's answers. Candidates of many sizes are measured right after the cut, the most promising after a short healing, and the best of
 * these is healed by a run of its own, with checkpoints and all else that a run has. Without a target this is done again at ever smaller sizes
 * until the floor would be crossed.
 *
 * <p>Chosen is by the validation split; the test split is read by the report of the run alone.
 */
public final class Shrink {
    /** What a target is without one: shares of the operations, each tried while the last one kept the floor. */
    private static final List<Double> STEPS_DOWN = List.of(0.5, 0.35, 0.25, 0.18, 0.12);

    private static final int TRIES = 3;
    private static final int BRIEF_STEPS = 60;
    private static final double HOPELESS = 0.6;

    /** The whole shrinking takes about this share of the operations that training the original took. */
    private static final double EFFORT = 0.8;

    private static final double FEWEST_EPOCHS = 0.5;
    private static final double MOST_EPOCHS = 20;
    private static final int UNLABELLED_PER_LABELLED = 2;

    private final Recipe recipe;
    private final Settings settings;
    private final RunListener listener;
    private final RunControl control;
    private final PriceList prices = PriceList.load();

    /**
     * How small, how good, and where.
     *
     * @param model the trained run or model folder; null trains the recipe first
     * @param keep share of the original's value on the validation split that the result must have
     * @param target how small; null goes down in steps while the floor is kept
     * @param time most wall time; null sets no limit
     * @param unlabelled texts of training rows beyond {@code data.train_examples} to learn from; null takes two for each labelled one
     * @param cutVocabulary whether pieces that lose their row of the embedding go, so that words fall into shorter ones; otherwise they share another's row
     * @param epochs passes over the texts in the whole healing; null takes as many as keep the operations below those of training the original
     * @param folder where candidates are kept; a shrinking that was interrupted goes on there
     * @param runs where run folders are made
     */
    public record Settings(
            @Nullable Path model,
            double keep,
            @Nullable ShrinkTarget target,
            @Nullable Duration time,
            @Nullable Integer unlabelled,
            boolean cutVocabulary,
            @Nullable Double epochs,
            Path folder,
            Path runs) {}

    /**
     * What came of it.
     *
     * @param report before and after
     * @param folder the run folder of the smaller network
     */
    public record Result(ShrinkReport report, RunFolder folder) {}

    /**
     * A shrinking of this recipe's model.
     *
     * @throws InputException if it is of a kind that cannot be shrunk
     */
    public Shrink(Recipe recipe, Settings settings, RunListener listener, RunControl control) {
        if (recipe.task() != Task.TEXT_CLASSIFICATION || recipe.model() instanceof ModelSpec.FreshBagOfWords) {
            String what = recipe.model() instanceof ModelSpec.FreshBagOfWords
                    ? "a bag of words, which has no layers"
                    : "a model of task " + recipe.task().key();
            throw new InputException("shrink: " + recipe.name() + " trains " + what
                    + "; this version shrinks classifiers of texts of the BERT family");
        }
        if (!(settings.keep() > 0 && settings.keep() <= 1)) {
            throw new InputException("--keep: must be greater than 0 and at most 1, but is " + settings.keep());
        }
        if (recipe.data().validation() instanceof DataSpec.Split.Fraction fraction
                && fraction.share() == 0) {
            throw new InputException("shrink: " + recipe.name()
                    + " has no validation split, by which candidates are judged; set data.validation");
        }
        this.recipe = recipe.withDistill(null);
        this.settings = settings;
        this.listener = listener;
        this.control = control;
    }

    /** Makes it smaller; empty if it was interrupted. The next call goes on. */
    public Optional<Result> run() {
        ShrinkState state = ShrinkState.open(settings.folder(), key());
        Optional<Path> original = original(state);
        if (original.isEmpty()) {
            return Optional.empty();
        }
        Ledger ledger = state.cost()
                .map(before -> Ledger.resume(prices, before))
                .orElseGet(() -> Ledger.start(prices));
        try (TextInputs inputs = (TextInputs) Inputs.of(recipe, listener);
                BertFolder teacher = BertFolder.open(original.get())) {
            teacher.requireLabels(inputs.data().labels());
            inputs.awaitModel();
            return new Work(state, ledger, inputs, teacher, original.get()).shrink();
        } finally {
            state.cost(ledger.soFar());
        }
    }

    private String key() {
        return Integer.toHexString((RecipeYaml.write(recipe) + settings.model() + settings.target() + settings.keep()
                        + settings.unlabelled() + settings.epochs() + settings.cutVocabulary())
                .hashCode());
    }

    /** The trained run; empty if its training was interrupted. */
    private Optional<Path> original(ShrinkState state) {
        Path given = settings.model();
        if (given != null) {
            return Optional.of(given);
        }
        Path known = state.original();
        Trainer trainer = new Trainer(listener, control);
        if (known != null && !new RunFolder(known).interrupted()) {
            return Optional.of(known);
        }
        RecipePlan plan = ClassifierPlanner.plan(recipe, null);
        listener.message("first: training " + recipe.name() + ", predicted to take "
                + Figures.duration(plan.seconds().middle())
                + (plan.money() == null
                        ? ""
                        : " and " + Figures.money(plan.money().middle(), plan.currency()))
                + "; --model RUN takes one that is trained already");
        RunResult trained =
                known == null ? trainer.train(recipe, settings.runs()) : trainer.resume(known, List.of());
        state.original(trained.folder().path());
        return trained.reason() == StopReason.INTERRUPTED
                ? Optional.empty()
                : Optional.of(trained.folder().path());
    }

    /** One shrinking, all of whose inputs are open. */
    private final class Work {
        private final ShrinkState state;
        private final Ledger ledger;
        private final TextInputs inputs;
        private final BertFolder teacher;
        private final Path original;
        private final Arithmetic arithmetic = Trainer.arithmetic(recipe.precision());
        private final List<Candidate> candidates = new ArrayList<>();
        private final DistillSpec distill;
        private final List<String> texts = new ArrayList<>();

        Work(ShrinkState state, Ledger ledger, TextInputs inputs, BertFolder teacher, Path original) {
            this.state = state;
            this.ledger = ledger;
            this.inputs = inputs;
            this.teacher = teacher;
            this.original = original;
            int labelled = inputs.data().train().size();
            inputs.data().train().stream().map(Example::text).forEach(texts::add);
            Integer asked = settings.unlabelled();
            texts.addAll(inputs.unused(asked == null ? UNLABELLED_PER_LABELLED * labelled : asked));
            this.distill = new DistillSpec(
                    teacher.folder().toAbsolutePath().toString(),
                    DistillSpec.TEMPERATURE,
                    DistillSpec.HARD_WEIGHT,
                    DistillSpec.HIDDEN_WEIGHT,
                    texts.size() - labelled,
                    settings.folder().resolve("answers.safetensors").toAbsolutePath().toString());
        }

        /** A network that has been healed, and its value on the validation split. */
        private record Healed(RunResult run, double value, ShrinkTarget target) {}

        Optional<Result> shrink() {
            if (texts.size() > inputs.data().train().size()) {
                listener.message(String.format(
                        Locale.ROOT,
                        "learning from %,d labelled texts and %,d more without their labels",
                        inputs.data().train().size(),
                        texts.size() - inputs.data().train().size()));
            }
            TeacherAnswers answers = answers();
            double before = value();
            double floor = floor(before);
            listener.message(String.format(
                    Locale.ROOT, "original: validation %s %.4f, to keep %.4f", metric(), before, floor));
            @Nullable Healed best = null;
            List<ShrinkTarget> targets = settings.target() == null
                    ? STEPS_DOWN.stream().map(ShrinkTarget::flops).toList()
                    : List.of(settings.target());
            for (int stage = 0; stage < targets.size(); stage++) {
                Optional<Healed> healed = stage(Integer.toString(stage), targets.get(stage), answers);
                if (healed.isEmpty()) {
                    return Optional.empty();
                }
                boolean kept = recipe.stop().metric().reached(healed.get().value(), floor);
                if (best == null || kept) {
                    best = healed.get();
                }
                if (!kept || spent()) {
                    break;
                }
            }
            return Optional.of(report(Objects.requireNonNull(best), before, floor));
        }

        private boolean spent() {
            Duration time = settings.time();
            return time != null && ledger.soFar().wallSeconds() >= time.toMillis() * 1e-3;
        }

        private TeacherAnswers answers() {
            TeacherFile file = new TeacherFile(
                    Path.of(Objects.requireNonNull(distill.scores())), teacher.folder(), texts, arithmetic.name());
            return file.read().orElseGet(() -> {
                listener.message("computing the original's answers once");
                List<Encoded> encoded = teacher.encode(texts);
                TeacherAnswers answers = teacher.answers(encoded, arithmetic);
                file.write(answers);
                ledger.addFlops(encoded.size() * flops(teacher, encoded));
                return answers;
            });
        }

        private double value() {
            List<Example> validation = inputs.data().validation();
            float[][] logits = teacher.scorer(arithmetic)
                    .logits(teacher.encode(validation.stream().map(Example::text).toList()));
            int[] labels = validation.stream().mapToInt(Example::label).toArray();
            return ValidationPlan.value(
                    recipe.stop().metric(),
                    Measurement.of(
                            ClassificationMetrics.of(logits, labels)));
        }

        private String metric() {
            return recipe.stop().metric().name().toLowerCase(Locale.ROOT);
        }

        private double floor(double before) {
            return recipe.stop().metric() == StopSpec.Metric.LOSS ? before / settings.keep() : before * settings.keep();
        }

        private Optional<Healed> stage(String stage, ShrinkTarget target, TeacherAnswers answers) {
            Path cut = settings.folder().resolve("cut-" + stage);
            BertShrinking shrinking = new BertShrinking(
                    recipe,
                    inputs,
                    teacher,
                    distill,
                    texts,
                    answers,
                    settings.cutVocabulary() ? BertShrinking.Vocabulary.CUT : BertShrinking.Vocabulary.SHARED,
                    arithmetic,
                    ledger);
                Optional<ShrinkState.Judged> known = state.judged(stage);
                ShrinkState.Judged judged;
                if (known.isPresent() && Files.isRegularFile(cut.resolve("config.json"))) {
                    judged = known.get();
                } else {
                    Optional<ShrinkState.Judged> now = judge(shrinking, target, cut);
                    if (now.isEmpty()) {
                        return Optional.empty();
                    }
                    judged = now.get();
                    state.judged(stage, judged);
                    state.cost(ledger.soFar());
                }
                candidates.addAll(judged.candidates());
                return heal(stage, target, shrinking, judged, cut);
        }

        /** Measures all candidates of a target and keeps the best, briefly healed, in a folder; empty if it was interrupted. */
        private Optional<ShrinkState.Judged> judge(BertShrinking shrinking, ShrinkTarget target, Path cut) {
            listener.message("target " + target + ": measuring what matters, and candidates");
            BertImportance importance = shrinking.importance();
            List<BertShrinking.Design> designs = shrinking.designs(target, shrinking.fullShape(), importance);
            if (designs.isEmpty()) {
                EncoderShapes shapes = shrinking.shapes();
                EncoderShape smallest = shapes.smallest();
                throw new InputException(String.format(
                        Locale.ROOT,
                        "--target: %s is smaller than the smallest network that can be cut, %.3gx the operations and %.3gx the"
                                + " parameters; ask for more",
                        target,
                        shrinking.flops(smallest) / shrinking.flops(shrinking.fullShape()),
                        (double) smallest.parameters() / shrinking.fullShape().parameters()));
            }
            Map<BertShrinking.Design, Double> quick = new LinkedHashMap<>();
            for (BertShrinking.Design design : designs) {
                if (control.reason() != null) {
                    return Optional.empty();
                }
                try (BertCandidate candidate = shrinking.cut(design, importance)) {
                    quick.put(design, shrinking.quickValue(candidate));
                }
            }
            Map<BertShrinking.Design, Double> brief = new LinkedHashMap<>();
            StopSpec.Metric metric = recipe.stop().metric();
            BertShrinking.@Nullable Design best = null;
            double bestValue = Double.NaN;
            for (BertShrinking.Design design : promising(quick)) {
                listener.message("healing briefly: " + design.title());
                try (BertCandidate candidate = shrinking.cut(design, importance)) {
                    shrinking.heal(candidate, BRIEF_STEPS, control);
                    if (control.reason() != null) {
                        return Optional.empty();
                    }
                    double value = shrinking.value(candidate);
                    brief.put(design, value);
                    if (metric.better(value, bestValue)) {
                        best = design;
                        bestValue = value;
                        candidate.save(
                                cut, teacher.labels(), recipe.dropout(), recipe.data().maxTokens());
                    }
                }
            }
            List<Candidate> judged = new ArrayList<>();
            for (BertShrinking.Design design : designs) {
                judged.add(new Candidate(
                        design.title(),
                        design.shape().parameters(),
                        shrinking.flops(design.shape()),
                        quick.getOrDefault(design, Double.NaN),
                        brief.getOrDefault(design, Double.NaN),
                        Double.NaN));
            }
            return Optional.of(new ShrinkState.Judged(judged, designs.indexOf(best)));
        }

        /** The best right after the cut of each number of heads and of layers, as many as are tried. */
        private List<BertShrinking.Design> promising(Map<BertShrinking.Design, Double> quick) {
            Comparator<BertShrinking.Design> byValue = Comparator.comparingDouble(quick::get);
            List<BertShrinking.Design> ordered = quick.keySet().stream()
                    .sorted(recipe.stop().metric() == StopSpec.Metric.LOSS ? byValue : byValue.reversed())
                    .toList();
            List<BertShrinking.Design> chosen = new ArrayList<>();
            Set<Integer> widths = new HashSet<>();
            // The best of each width first: how good a network is right after the cut says less from one width to another.
            for (boolean anotherWidth : new boolean[] {true, false}) {
                for (BertShrinking.Design design : ordered) {
                    boolean fresh = !chosen.contains(design) && (!anotherWidth || widths.add(design.shape().hiddenSize()));
                    if (fresh && chosen.size() < TRIES && worthwhile(quick, design, ordered.get(0))) {
                        chosen.add(design);
                    }
                }
            }
            return chosen;
        }

        /** Whether a candidate is not hopelessly behind the first. */
        private boolean worthwhile(
                Map<BertShrinking.Design, Double> quick, BertShrinking.Design design, BertShrinking.Design first) {
            double value = quick.getOrDefault(design, Double.NaN);
            double best = quick.getOrDefault(first, Double.NaN);
            return design == first
                    || (recipe.stop().metric() == StopSpec.Metric.LOSS
                            ? value * HOPELESS <= best
                            : value >= best * HOPELESS);
        }

        private Optional<Healed> heal(
                String stage, ShrinkTarget target, BertShrinking shrinking, ShrinkState.Judged judged, Path cut) {
            Recipe healing = healing(shrinking, judged.candidates().get(judged.chosen()), cut);
            listener.message(String.format(
                    Locale.ROOT,
                    "healing for %.2f epochs: %s",
                    healing.schedule().epochs(),
                    judged.candidates().get(judged.chosen()).title()));
            Trainer trainer = new Trainer(listener, new RunControl(control));
            Path begun = state.run(stage);
            RunResult run;
            boolean finished = false;
            if (begun == null || !Files.isRegularFile(begun.resolve("recipe.yaml"))) {
                run = trainer.train(healing, settings.runs());
            } else if (new RunFolder(begun).interrupted()) {
                run = trainer.resume(begun, List.of());
            } else {
                finished = true;
                run = new RunResult(RunSummary.read(new RunFolder(begun).summary()), new RunFolder(begun), StopReason.COMPLETED);
            }
            state.run(stage, run.folder().path());
            if (run.reason() != StopReason.INTERRUPTED && !finished) {
                ledger.addFlops(run.summary().work().flops());
            }
            if (run.reason() == StopReason.INTERRUPTED) {
                return Optional.empty();
            }
            Double value = run.summary().outcome().value();
            double reached = value == null ? Double.NaN : value;
            Candidate chosen = judged.candidates().get(judged.chosen());
            candidates.set(
                    candidates.indexOf(chosen),
                    new Candidate(
                            chosen.title(),
                            chosen.parameters(),
                            chosen.flops(),
                            chosen.cut(),
                            chosen.brief(),
                            reached));
            return Optional.of(new Healed(run, reached, target));
        }

        private Recipe healing(BertShrinking shrinking, Candidate chosen, Path cut) {
            StopSpec stop = recipe.stop();
            Duration time = settings.time();
            StopSpec.Budget budget = time == null
                    ? StopSpec.Budget.NONE
                    : new StopSpec.Budget(
                            Duration.ofMillis(Math.max(
                                    1000, time.toMillis() - (long) (1000 * ledger.soFar().wallSeconds()))),
                            null,
                            prices.currency(),
                            null,
                            null);
            return recipe.withName(shortened(recipe.name()) + "-shrunk")
                    .withModel(new ModelSpec.Pretrained(cut.toAbsolutePath().toString()))
                    .withAdapt(new AdaptSpec.Full(false))
                    .withAugment(List.of())
                    .withBaseline(false)
                    .withDistill(distill)
                    .withSchedule(recipe.schedule().lasting(epochs(shrinking, chosen)))
                    .withStop(new StopSpec(stop.metric(), null, null, stop.evaluationsPerEpoch(), budget));
        }

        private double epochs(BertShrinking shrinking, Candidate chosen) {
            Double asked = settings.epochs();
            if (asked != null) {
                return asked;
            }
            double original = recipe.schedule().epochs()
                    * inputs.data().train().size()
                    * shrinking.trainingFlops(shrinking.fullShape());
            double left = EFFORT * original - ledger.soFar().flops();
            // A small network's training takes as many times its prediction as the original's does.
            double epoch = texts.size()
                    * chosen.flops()
                    * shrinking.trainingFlops(shrinking.fullShape())
                    / shrinking.flops(shrinking.fullShape());
            double epochs = Math.max(FEWEST_EPOCHS, Math.min(MOST_EPOCHS, left / epoch));
            return Math.rint(epochs * 100) / 100;
        }

        private static String shortened(String name) {
            return name.length() <= 57 ? name : name.substring(0, 57);
        }

        private Result report(Healed best, double before, double floor) {
            Cost cost = ledger.soFar();
            state.cost(cost);
            List<String> sample =
                    inputs.data().validation().stream().map(Example::text).toList();
            ShrinkReport.Network old = network(teacher, before, originalTest(), sample);
            RunSummary.@Nullable Test tested = best.run().summary().test();
            ShrinkReport.Network small;
            try (BertFolder opened = BertFolder.open(best.run().folder().path())) {
                small = network(opened, best.value(), accuracy(tested), sample);
            }
            boolean kept = recipe.stop().metric().reached(best.value(), floor);
            ShrinkReport report = new ShrinkReport(
                    recipe.name(),
                    metric(),
                    settings.target() == null
                            ? "as small as the floor allows, in steps"
                            : settings.target().toString(),
                    settings.keep(),
                    floor,
                    kept,
                    verdict(old, small, kept, floor),
                    Machine.processor(),
                    prices.currency(),
                    prices.source(),
                    old,
                    small,
                    candidates,
                    new ShrinkReport.Spent(
                            cost.wallSeconds(),
                            cost.flops(),
                            cost.energy().joules(),
                            cost.money().amount()),
                    originalCost());
            ShrinkPage.write(best.run().folder().path(), report);
            return new Result(report, best.run().folder());
        }

        private String verdict(ShrinkReport.Network old, ShrinkReport.Network small, boolean kept, double floor) {
            String size = String.format(
                    Locale.ROOT,
                    "%.1f times fewer parameters and %.1f times fewer operations a prediction; validation %s %.4f, was %.4f",
                    (double) old.parameters() / small.parameters(),
                    old.flops() / small.flops(),
                    metric(),
                    small.validation(),
                    old.validation());
            return kept
                    ? size + "."
                    : String.format(
                            Locale.ROOT,
                            "The floor of %.4f could not be kept; the best that was found has %s. A larger --target, more"
                                    + " --epochs or a lower --keep would be met.",
                            floor,
                            size);
        }

        /** Operations of a prediction, the mean over some texts. */
        private double flops(BertFolder opened, List<Encoded> encoded) {
            EncoderFlops counter = new EncoderFlops(
                    TextJobs.shape(opened.model().config(), opened.labels().size()));
            return encoded.stream()
                    .mapToDouble(text -> counter.forward(new int[] {text.ids().length}))
                    .average()
                    .orElseThrow();
        }

        private ShrinkReport.Network network(BertFolder opened, double value, double test, List<String> sample) {
            BertConfig config = opened.model().config();
            EncoderShape shape = TextJobs.shape(config, opened.labels().size());
            double flops = flops(
                    opened, opened.encode(inputs.data().train().stream().map(Example::text).toList()));
            PredictionCost cost = PredictionCost.measure(opened, sample, prices);
            return new ShrinkReport.Network(
                    opened.folder().toString(),
                    config.numLayers(),
                    config.hiddenSize(),
                    config.numHeads(),
                    config.intermediateSize(),
                    config.vocabSize(),
                    shape.parameters(),
                    flops,
                    value,
                    test,
                    cost.oneSeconds(),
                    cost.batchSeconds(),
                    cost.joules(),
                    cost.energySource());
        }

        private @Nullable RunSummary originalSummary() {
            Path summary = original.resolve("summary.json");
            return Files.isRegularFile(summary) ? RunSummary.read(summary) : null;
        }

        private double originalTest() {
            @Nullable RunSummary summary = originalSummary();
            return summary == null ? Double.NaN : accuracy(summary.test());
        }

        private static double accuracy(RunSummary.@Nullable Test test) {
            Double accuracy = test == null ? null : test.accuracy();
            return accuracy == null ? Double.NaN : accuracy;
        }

        private ShrinkReport.@Nullable Spent originalCost() {
            @Nullable RunSummary summary = originalSummary();
            if (summary == null) {
                return null;
            }
            RunSummary.Cost cost = summary.cost();
            return new ShrinkReport.Spent(
                    cost.wallSeconds(),
                    summary.work().flops(),
                    cost.energy() == null ? Double.NaN : cost.energy().joules(),
                    cost.money() == null ? Double.NaN : cost.money().amount());
        }
    }
}
