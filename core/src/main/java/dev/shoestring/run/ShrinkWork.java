package dev.shoestring.run;

import dev.shoestring.cost.Ledger;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DivergedException;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.StopSpec;
import dev.shoestring.report.RunSummary;
import dev.shoestring.report.ShrinkReport.Candidate;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
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

    /** Steps of brief healing of the largest candidate; smaller ones take more, for the same operations, unless the network's family needs fewer. */
    private static final int BRIEF_STEPS = 40;

    private static final int MOST_BRIEF_STEPS = 120;

    /** Of several of a kin, one whose value right after the cut is less than this share of the best's is not tried further. */
    private static final double HOPELESS = 0.6;

    /** Where only one goes on, values right after the cut that are at least this share of the best count as equal, and the fewest operations decide. */
    private static final double ALIKE = 0.99;

    /** Judging and healing are to take about this share of the operations of training the original, except for {@link #FEWEST_EPOCHS}. */
    static final double EFFORT = 0.9;

    private static final double FEWEST_EPOCHS = 0.5;
    private static final double MOST_EPOCHS = 20;

    /** After its last step a healing takes about as long as so many measurements of a candidate on the validation split: the test split, and saving. */
    private static final double MEASUREMENTS = 3;

    private static final int LONGEST_NAME = 57;

    private final ShrinkSetup setup;
    private final Recipe recipe;
    private final Shrink.Settings settings;
    private final RunListener listener;
    private final Ledger ledger;
    private final RunControl control;
    private final ShrinkState state;
    private final Shrinkable network;
    private final List<Candidate> candidates = new ArrayList<>();

    /** How long measuring a candidate on the validation split took. */
    private double secondsToMeasure;

    ShrinkWork(ShrinkSetup setup, RunControl control, ShrinkState state, Shrinkable network) {
        this.setup = setup;
        this.recipe = setup.recipe();
        this.settings = setup.settings();
        this.listener = setup.listener();
        this.ledger = setup.ledger();
        this.control = control;
        this.state = state;
        this.network = network;
    }

    /** A network that has been healed, and its value on the validation split. */
    record Healed(RunResult run, double value) {}

    Optional<Shrink.Result> shrink() {
        network.prepare();
        double before = network.value();
        double floor = floor(before, settings.keep());
        listener.message(
                String.format(Locale.ROOT, "original: validation %s %.4f, to keep %.4f", metric(), before, floor));
        @Nullable Healed best = null;
        List<ShrinkTarget> targets = settings.target() == null
                ? STEPS_DOWN.stream().map(ShrinkTarget::flops).toList()
                : List.of(settings.target());
        for (int stage = 0; stage < targets.size(); stage++) {
            if (best != null && !network.possible(targets.get(stage))) {
                listener.message("no smaller network can be cut than " + targets.get(stage - 1) + " allows");
                break;
            }
            Optional<Healed> healed;
            try {
                healed = stage(Integer.toString(stage), targets.get(stage));
            } catch (DivergedException diverged) {
                if (best == null) {
                    throw diverged;
                }
                listener.message("not smaller than " + targets.get(stage - 1) + ": " + diverged.getMessage());
                break;
            }
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
        ShrinkOutcome outcome = new ShrinkOutcome(setup, network, candidates);
        return Optional.of(outcome.report(Objects.requireNonNull(best), before, floor));
    }

    private boolean spent() {
        Duration time = settings.time();
        return time != null && ledger.soFar().wallSeconds() >= time.toMillis() * 1e-3;
    }

    private String metric() {
        return recipe.stop().metric().name().toLowerCase(Locale.ROOT);
    }

    /** What a value must reach to be at least this share of another. */
    private double floor(double value, double share) {
        return recipe.stop().metric() == StopSpec.Metric.LOSS ? value / share : value * share;
    }

    private Optional<Healed> stage(String stage, ShrinkTarget target) {
        Path cut = settings.folder().resolve("cut-" + stage);
        Optional<ShrinkState.Judged> known = state.judged(stage);
        ShrinkState.Judged judged;
        if (known.isPresent() && Files.isRegularFile(cut.resolve("config.json"))) {
            judged = known.get();
            secondsToMeasure = judged.secondsToMeasure();
        } else {
            Optional<ShrinkState.Judged> now = judge(target, cut);
            if (now.isEmpty()) {
                return Optional.empty();
            }
            judged = now.get();
            state.judged(stage, judged);
            state.cost(ledger.soFar());
        }
        candidates.addAll(judged.candidates());
        return heal(stage, judged, cut);
    }

    /** Measures all candidates of a target and keeps the best, briefly healed, in a folder; empty if it was interrupted. */
    private Optional<ShrinkState.Judged> judge(ShrinkTarget target, Path cut) {
        listener.message("target " + target + ": measuring candidates");
        List<? extends Shrinkable.Design> designs = network.designs(target);
        if (designs.isEmpty()) {
            Shrinkable.Size full = network.size();
            Shrinkable.Size smallest = network.smallest();
            throw new InputException(String.format(
                    Locale.ROOT,
                    "--target: %s is smaller than the smallest network that can be cut, %.3gx the operations and %.3gx the"
                            + " parameters; ask for more",
                    target,
                    smallest.flops() / full.flops(),
                    (double) smallest.parameters() / full.parameters()));
        }
        try (OpenCuts cuts = new OpenCuts()) {
            return judge(target, designs, cuts, cut);
        }
    }

    private Optional<ShrinkState.Judged> judge(
            ShrinkTarget target, List<? extends Shrinkable.Design> designs, OpenCuts cuts, Path cut) {
        Map<Shrinkable.Design, Double> quick = new LinkedHashMap<>();
        for (Shrinkable.Design design : designs) {
            if (control.reason() != null) {
                return Optional.empty();
            }
            Shrinkable.Cut candidate = cuts.open(design);
            double cutOut = ledger.soFar().wallSeconds();
            quick.put(design, candidate.quickValue());
            secondsToMeasure = ledger.soFar().wallSeconds() - cutOut;
            cuts.keepOnly(network.dearToCut() ? promising(quick) : List.of());
        }
        Map<Shrinkable.Design, Double> brief = new LinkedHashMap<>();
        StopSpec.Metric metric = recipe.stop().metric();
        Shrinkable.@Nullable Design best = null;
        double bestValue = Double.NaN;
        List<Shrinkable.Design> promising = promising(quick);
        if (network.tries() == 1) {
            Shrinkable.Design only = promising.get(0);
            try (Shrinkable.Cut candidate = cuts.take(only)) {
                candidate.save(cut);
            }
            return Optional.of(judged(designs, quick, brief, only));
        }
        double most = promising.stream()
                .mapToDouble(design -> design.size().flops())
                .max()
                .orElseThrow();
        for (Shrinkable.Design design : promising) {
            listener.message("healing briefly: " + design.title());
            try (Shrinkable.Cut candidate = cuts.take(design)) {
                StopReason ended = candidate.heal(
                        (int) Math.min(
                                MOST_BRIEF_STEPS,
                                Math.round(BRIEF_STEPS * most / design.size().flops())),
                        new RunControl(control));
                if (control.reason() != null) {
                    return Optional.empty();
                }
                if (ended == StopReason.DIVERGED) {
                    listener.message("diverged, and is left out: " + design.title());
                    continue;
                }
                double healed = ledger.soFar().wallSeconds();
                double value = candidate.value();
                secondsToMeasure = ledger.soFar().wallSeconds() - healed;
                brief.put(design, value);
                if (metric.better(value, bestValue)) {
                    best = design;
                    bestValue = value;
                    candidate.save(cut);
                }
            }
        }
        if (best == null) {
            throw new DivergedException(
                    "shrink: none of the candidates for " + target
                            + " healed: the loss or its gradient was no longer a finite number; lower optimizer.lr ("
                            + recipe.optimizer().lr() + ") or set precision: fp32",
                    settings.folder());
        }
        return Optional.of(judged(designs, quick, brief, best));
    }

    private ShrinkState.Judged judged(
            List<? extends Shrinkable.Design> designs,
            Map<Shrinkable.Design, Double> quick,
            Map<Shrinkable.Design, Double> brief,
            Shrinkable.Design best) {
        List<Candidate> judged = new ArrayList<>();
        for (Shrinkable.Design design : designs) {
            judged.add(new Candidate(
                    design.title(),
                    design.size().parameters(),
                    design.size().flops(),
                    quick.getOrDefault(design, Double.NaN),
                    brief.getOrDefault(design, Double.NaN),
                    Double.NaN));
        }
        return new ShrinkState.Judged(judged, designs.indexOf(best), secondsToMeasure);
    }

    /** The best right after the cut of each kin, as many as are tried; where that is one, the cheapest of those that are about as good as the best. */
    private List<Shrinkable.Design> promising(Map<Shrinkable.Design, Double> quick) {
        if (network.tries() == 1) {
            return within(ALIKE, quick).stream()
                    .min(Comparator.comparingDouble(design -> design.size().flops()))
                    .stream()
                    .toList();
        }
        Comparator<Shrinkable.Design> byValue = Comparator.comparingDouble(quick::get);
        List<Shrinkable.Design> ordered = quick.keySet().stream()
                .sorted(recipe.stop().metric() == StopSpec.Metric.LOSS ? byValue : byValue.reversed())
                .toList();
        List<Shrinkable.Design> chosen = new ArrayList<>();
        Set<Object> kin = new HashSet<>();
        List<Shrinkable.Design> worthwhile = within(HOPELESS, quick);
        // The best of each kin first: how good a network is right after the cut says less from one kin to another.
        for (boolean anotherKin : new boolean[] {true, false}) {
            for (Shrinkable.Design design : ordered) {
                boolean fresh =
                        !chosen.contains(design) && (anotherKin ? kin.add(design.kin()) : worthwhile.contains(design));
                if (fresh && chosen.size() < network.tries()) {
                    chosen.add(design);
                }
            }
        }
        return chosen;
    }

    /** The designs whose value is at least this share of the best's; all where none has a value. */
    private List<Shrinkable.Design> within(double share, Map<Shrinkable.Design, Double> quick) {
        StopSpec.Metric metric = recipe.stop().metric();
        double best = quick.values().stream()
                .reduce(Double.NaN, (known, value) -> metric.better(value, known) ? value : known);
        double least = floor(best, share);
        return quick.keySet().stream()
                .filter(design -> Double.isNaN(best) || metric.reached(quick.getOrDefault(design, Double.NaN), least))
                .toList();
    }

    private Optional<Healed> heal(String stage, ShrinkState.Judged judged, Path cut) {
        Recipe whole = healing(judged.candidates().get(judged.chosen()), cut);
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
            run = trainer.train(whole, settings.runs(), made -> state.run(stage, made));
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
            state.cost(ledger.soFar());
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

    private Recipe healing(Candidate chosen, Path cut) {
        StopSpec stop = recipe.stop();
        Duration time = settings.time();
        StopSpec.Budget budget = time == null
                ? StopSpec.Budget.NONE
                : new StopSpec.Budget(
                        Duration.ofMillis(Math.max(
                                1000,
                                time.toMillis()
                                        - (long) (1000
                                                * (ledger.soFar().wallSeconds() + MEASUREMENTS * secondsToMeasure)))),
                        null,
                        setup.prices().currency(),
                        null,
                        null);
        Recipe healing = network.healing(cut);
        return healing.withName(shortened(recipe.name()) + "-shrunk")
                .withAdapt(recipe.adapt() instanceof AdaptSpec.Full full ? full : new AdaptSpec.Full(false))
                .withBaseline(false)
                .withSchedule(healing.schedule().lasting(epochs(chosen, cut)).withoutMinSteps())
                .withStop(new StopSpec(stop.metric(), null, null, stop.evaluationsPerEpoch(), budget));
    }

    private double epochs(Candidate chosen, Path cut) {
        Double asked = settings.epochs();
        if (asked != null) {
            return asked;
        }
        // Where a time is given, it sets how long; operations are only to be no more than the original's.
        double effort = settings.time() == null ? EFFORT : 1;
        double left = effort * network.originalTrainingFlops() - ledger.soFar().flops();
        double pass = network.passFlops(chosen.flops(), cut);
        return Math.rint(Math.max(FEWEST_EPOCHS, Math.min(MOST_EPOCHS, left / pass)) * 100) / 100;
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }
}
