package dev.shoestring.run;

import dev.shoestring.cost.EncoderShape;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.StopSpec;
import dev.shoestring.report.RunSummary;
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

/** One shrinking, all of whose inputs are open: stage by stage, candidates are judged and the best one healed. */
final class ShrinkWork {
    /** What a target is without one: shares of the operations, each tried while the last one kept the floor. */
    private static final List<Double> STEPS_DOWN = List.of(0.5, 0.35, 0.25, 0.18, 0.12);

    private static final int UNLABELLED_PER_LABELLED = 2;
    private static final int TRIES = 3;
    private static final int BRIEF_STEPS = 60;

    /** A candidate whose value right after the cut is less than this share of the best's is not tried further. */
    private static final double HOPELESS = 0.6;

    /** A cut network has further to go than a fine-tuned one: its rates are so many times the recipe's (docs/experiments.md). */
    private static final double HEALING_RATE = 3;

    /** Judging and healing are to take about this share of the operations of training the original, except for {@link #FEWEST_EPOCHS}. */
    private static final double EFFORT = 0.8;

    private static final double FEWEST_EPOCHS = 0.5;
    private static final double MOST_EPOCHS = 20;
    private static final int LONGEST_NAME = 57;

    private final Recipe recipe;
    private final Recipe faster;
    private final Shrink.Settings settings;
    private final RunListener listener;
    private final RunControl control;
    private final PriceList prices;
    private final ShrinkState state;
    private final Ledger ledger;
    private final TextInputs inputs;
    private final BertFolder teacher;
    private final Path original;
    private final Arithmetic arithmetic;
    private final List<Candidate> candidates = new ArrayList<>();
    private final DistillSpec distill;
    private final List<String> texts = new ArrayList<>();

    ShrinkWork(
            Recipe recipe,
            Shrink.Settings settings,
            RunListener listener,
            RunControl control,
            PriceList prices,
            ShrinkState state,
            Ledger ledger,
            TextInputs inputs,
            BertFolder teacher,
            Path original) {
        this.recipe = recipe;
        this.faster = recipe.withOptimizer(recipe.optimizer()
                .at(
                        Math.min(1, HEALING_RATE * recipe.optimizer().lr()),
                        Math.min(1, HEALING_RATE * recipe.optimizer().headLr())));
        this.settings = settings;
        this.listener = listener;
        this.control = control;
        this.prices = prices;
        this.arithmetic = Trainer.arithmetic(recipe.precision());
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
                settings.folder()
                        .resolve("answers.safetensors")
                        .toAbsolutePath()
                        .toString());
    }

    /** A network that has been healed, and its value on the validation split. */
    record Healed(RunResult run, double value) {}

    Optional<Shrink.Result> shrink() {
        if (texts.size() > inputs.data().train().size()) {
            listener.message(String.format(
                    Locale.ROOT,
                    "learning from %,d labelled texts and %,d more without their labels",
                    inputs.data().train().size(),
                    texts.size() - inputs.data().train().size()));
        }
        if (!recipe.augment().isEmpty()) {
            listener.message("healing leaves the recipe's augmentations out: the original answers each text once");
        }
        TeacherAnswers answers = answers();
        double before = value();
        double floor = floor(before);
        listener.message(
                String.format(Locale.ROOT, "original: validation %s %.4f, to keep %.4f", metric(), before, floor));
        BertShrinking shrinking = new BertShrinking(
                faster,
                inputs,
                teacher,
                distill,
                texts,
                answers,
                settings.cutVocabulary() ? BertShrinking.Vocabulary.CUT : BertShrinking.Vocabulary.SHARED,
                arithmetic,
                ledger);
        @Nullable Healed best = null;
        List<ShrinkTarget> targets = settings.target() == null
                ? STEPS_DOWN.stream().map(ShrinkTarget::flops).toList()
                : List.of(settings.target());
        for (int stage = 0; stage < targets.size(); stage++) {
            if (best != null && !shrinking.possible(targets.get(stage))) {
                listener.message("no smaller network can be cut than " + targets.get(stage - 1) + " allows");
                break;
            }
            Optional<Healed> healed = stage(Integer.toString(stage), targets.get(stage), shrinking);
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
        ShrinkOutcome outcome =
                new ShrinkOutcome(recipe, settings, prices, inputs, teacher, original, candidates, ledger);
        return Optional.of(outcome.report(Objects.requireNonNull(best), before, floor));
    }

    private boolean spent() {
        Duration time = settings.time();
        return time != null && ledger.soFar().wallSeconds() >= time.toMillis() * 1e-3;
    }

    private TeacherAnswers answers() {
        TeacherFile file = new TeacherFile(
                Path.of(Objects.requireNonNull(distill.scores())), teacher.folder(), texts, arithmetic.name());
        return file.read().orElseGet(() -> {
            file.requireRoom();
            listener.message("computing the original's answers once");
            List<Encoded> encoded = teacher.encode(texts);
            TeacherAnswers answers = teacher.answers(encoded, arithmetic);
            file.write(answers);
            ledger.addFlops(encoded.size() * ShrinkOutcome.flops(teacher, encoded));
            return answers;
        });
    }

    private double value() {
        List<Example> validation = inputs.data().validation();
        float[][] logits = teacher.scorer(arithmetic)
                .logits(teacher.encode(validation.stream().map(Example::text).toList()));
        int[] labels = validation.stream().mapToInt(Example::label).toArray();
        return ValidationPlan.value(recipe.stop().metric(), Measurement.of(ClassificationMetrics.of(logits, labels)));
    }

    private String metric() {
        return recipe.stop().metric().name().toLowerCase(Locale.ROOT);
    }

    private double floor(double before) {
        return recipe.stop().metric() == StopSpec.Metric.LOSS ? before / settings.keep() : before * settings.keep();
    }

    private Optional<Healed> stage(String stage, ShrinkTarget target, BertShrinking shrinking) {
        Path cut = settings.folder().resolve("cut-" + stage);
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
        return heal(stage, shrinking, judged, cut);
    }

    /** Measures all candidates of a target and keeps the best, briefly healed, in a folder; empty if it was interrupted. */
    private Optional<ShrinkState.Judged> judge(BertShrinking shrinking, ShrinkTarget target, Path cut) {
        listener.message("target " + target + ": measuring what matters, and candidates");
        BertImportance importance = shrinking.importance();
        List<BertShrinking.Design> designs = shrinking.designs(target, importance);
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
                StopReason ended = shrinking.heal(candidate, BRIEF_STEPS, new RunControl(control));
                if (control.reason() != null) {
                    return Optional.empty();
                }
                if (ended == StopReason.DIVERGED) {
                    listener.message("diverged, and is left out: " + design.title());
                    continue;
                }
                double value = shrinking.value(candidate);
                brief.put(design, value);
                if (metric.better(value, bestValue)) {
                    best = design;
                    bestValue = value;
                    candidate.save(
                            cut,
                            teacher.labels(),
                            recipe.dropout(),
                            recipe.data().maxTokens());
                }
            }
        }
        if (best == null) {
            throw new InputException("shrink: none of the candidates for " + target
                    + " healed: the loss or its gradient was no longer a finite number; lower optimizer.lr ("
                    + recipe.optimizer().lr() + ", of which healing takes " + HEALING_RATE
                    + " times as much) or set precision: fp32");
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
                boolean fresh = !chosen.contains(design)
                        && (!anotherWidth || widths.add(design.shape().hiddenSize()));
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
        return design.equals(first)
                || (recipe.stop().metric() == StopSpec.Metric.LOSS
                        ? value * HOPELESS <= best
                        : value >= best * HOPELESS);
    }

    private Optional<Healed> heal(String stage, BertShrinking shrinking, ShrinkState.Judged judged, Path cut) {
        Recipe whole = healing(shrinking, judged.candidates().get(judged.chosen()), cut);
        listener.message(String.format(
                Locale.ROOT,
                "healing for %.2f epochs: %s",
                whole.schedule().epochs(),
                judged.candidates().get(judged.chosen()).title()));
        Trainer trainer = new Trainer(listener, new RunControl(control));
        Path begun = state.run(stage);
        RunResult run;
        boolean finished = false;
        if (begun == null || !Files.isRegularFile(begun.resolve("recipe.yaml"))) {
            run = trainer.train(whole, settings.runs());
        } else if (new RunFolder(begun).interrupted()) {
            run = trainer.resume(begun, List.of());
        } else {
            finished = true;
            run = new RunResult(
                    RunSummary.read(new RunFolder(begun).summary()), new RunFolder(begun), StopReason.COMPLETED);
        }
        state.run(stage, run.folder().path());
        if (run.reason() != StopReason.INTERRUPTED && !finished) {
            Double flops = run.summary().work().flops();
            ledger.addFlops(flops == null ? 0 : flops);
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
                        chosen.title(), chosen.parameters(), chosen.flops(), chosen.cut(), chosen.brief(), reached));
        return Optional.of(new Healed(run, reached));
    }

    private Recipe healing(BertShrinking shrinking, Candidate chosen, Path cut) {
        StopSpec stop = recipe.stop();
        Duration time = settings.time();
        StopSpec.Budget budget = time == null
                ? StopSpec.Budget.NONE
                : new StopSpec.Budget(
                        Duration.ofMillis(Math.max(
                                1000,
                                time.toMillis() - (long) (1000 * ledger.soFar().wallSeconds()))),
                        null,
                        prices.currency(),
                        null,
                        null);
        return faster.withName(shortened(recipe.name()) + "-shrunk")
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
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }
}
