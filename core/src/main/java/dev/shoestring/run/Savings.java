package dev.shoestring.run;

import dev.shoestring.cost.EncoderShape;
import dev.shoestring.hub.Models;
import dev.shoestring.models.BertConfig;
import dev.shoestring.recipe.DivergedException;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.ScheduleSpec;
import dev.shoestring.recipe.StopSpec;
import dev.shoestring.recipe.UserException;
import dev.shoestring.report.RunComparison;
import dev.shoestring.report.RunSummary;
import dev.shoestring.report.SavingsReport;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.report.TrainingProgress;
import dev.shoestring.run.FactorEstimate.Spent;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ladder of savings: from the plain baseline (random weights, fp32, random padded batches, everything trained) each technique of a
 * recipe is added in turn until all are on, and each is also left out alone. Every rung is trained to the same target over the same
 * seeds; what counts is the cost when validation first reaches it.
 */
public final class Savings {
    private static final double EVALUATIONS_PER_EPOCH = 2;
    private static final double BELOW_THE_WORST = 0.005;
    private static final double ABOVE_THE_WORST = 1.005;
    private static final double ROUNDING = 200;

    private final Recipe recipe;
    private final Settings settings;
    private final SavingsState state;
    private final RunListener listener;
    private final RunControl control;

    /**
     * How the ladder is measured.
     *
     * @param folder where rungs and report are kept; finished rungs in it are used again
     * @param seeds seeds of each rung, from the recipe's own upwards
     * @param target the target; null takes the recipe's, or what the full stack reaches with every seed
     * @param patience a rung may take so many times as long as the full stack before it is given up
     * @param streamlined how small what all techniques trained is made at the end; null leaves that out
     */
    public record Settings(
            Path folder,
            int seeds,
            @Nullable Double target,
            double patience,
            @Nullable ShrinkTarget streamlined) {}

    /** A ladder for this recipe. */
    public Savings(Recipe given, Settings settings, RunListener listener, RunControl control) {
        Recipe recipe = SizeProposal.settled(given, listener);
        if (recipe.model() instanceof ModelSpec.FreshBagOfWords) {
            throw new InputException(
                    "savings: a bag of words has no techniques to leave out; it is the cheapest rung already");
        }
        if (DecoderSizes.before(recipe) != null) {
            String from = ((ModelSpec.Pretrained) recipe.model()).from();
            throw new InputException(
                    "savings: " + recipe.name() + " begins from " + from + ", which would be trained for each rung;"
                            + " train it once, and give its model: --set model.from=runs/…/model");
        }
        this.recipe = withEvaluations(recipe);
        this.settings = settings;
        this.state = SavingsState.open(settings.folder());
        this.listener = listener;
        this.control = control;
    }

    /**
     * Trains what is missing and adds it all up; empty if it was interrupted. The next call goes on.
     */
    public Optional<SavingsReport> measure() {
        List<Technique> techniques = techniques();
        if (techniques.isEmpty()) {
            throw new InputException("savings: " + recipe.name() + " uses no technique that could be left out");
        }
        Map<String, Recipe> rungs = rungs(techniques);
        try (Inputs inputs = Inputs.of(recipe, new ProgressOnly(listener))) {
            state.requireData(inputs.fingerprint());
        }
        List<RunComparison.Entry> full = new ArrayList<>();
        for (int seed = 0; seed < settings.seeds(); seed++) {
            Optional<RunComparison.Entry> run = train("all techniques", seeded(recipe, seed, null, true));
            if (run.isEmpty()) {
                return Optional.empty();
            }
            full.add(run.get());
        }
        double target = target(full);
        // Of the first seed alone, so that seeds added later leave the finished rungs as they are.
        double whole = full.get(0).summary().cost().wallSeconds();
        StopSpec.Budget budget = new StopSpec.Budget(
                Duration.ofMillis((long) (1000 * Math.ceil(whole * settings.patience()))), null, "USD", null, null);
        Map<String, List<RunComparison.Entry>> runs = new LinkedHashMap<>();
        runs.put(key(techniques, techniques.size(), -1), full);
        for (Map.Entry<String, Recipe> rung : rungs.entrySet()) {
            if (runs.containsKey(rung.getKey())) {
                continue;
            }
            List<RunComparison.Entry> seeds = new ArrayList<>();
            for (int seed = 0; seed < settings.seeds(); seed++) {
                Recipe one = seeded(rung.getValue(), seed, new Goal(target, budget), false);
                Optional<RunComparison.Entry> run = train(rung.getKey(), one);
                if (run.isEmpty()) {
                    return Optional.empty();
                }
                seeds.add(run.get());
            }
            runs.put(rung.getKey(), seeds);
        }
        Streamlining streamlining = streamlining();
        if (streamlining == null) {
            return Optional.of(report(techniques, runs, full, target, null));
        }
        List<Recipe> recipes = new ArrayList<>();
        for (int seed = 0; seed < settings.seeds(); seed++) {
            recipes.add(seeded(recipe, seed, null, true));
        }
        try {
            Optional<List<ShrinkReport>> smaller =
                    streamlining.of(recipes, recipes.stream().map(this::trained).toList());
            return smaller.map(reports -> report(
                    techniques,
                    runs,
                    full,
                    target,
                    streamlining.worth(reports, recipe.stop().metric(), target)));
        } catch (UserException refused) {
            // The ladder is worth telling without its last rung.
            listener.message("without the rung \"streamlined\": " + refused.getMessage());
            return Optional.of(report(techniques, runs, full, target, null));
        }
    }

    private @Nullable Streamlining streamlining() {
        ShrinkTarget asked = settings.streamlined();
        if (asked == null) {
            return null;
        }
        Streamlining made = new Streamlining(asked, settings.folder(), state, listener, control);
        return made.possible(recipe) ? made : null;
    }

    private Path trained(Recipe one) {
        return Objects.requireNonNull(state.run(one), "all seeds are trained before this");
    }

    private record Goal(double target, StopSpec.Budget budget) {}

    private List<Technique> techniques() {
        return switch (recipe.task()) {
            case TEXT_CLASSIFICATION -> Technique.of(recipe, shape());
            case IMAGE_CLASSIFICATION -> ImageTechniques.of(recipe);
            case LANGUAGE_MODEL, CHAT -> LanguageTechniques.of(recipe);
            case PREFERENCE ->
                throw new InputException("savings: recipes of " + recipe.task().key()
                        + " have no ladder yet; give a recipe of texts with labels, of images or of a language model");
        };
    }

    private EncoderShape shape() {
        String from = recipe.model() instanceof ModelSpec.Pretrained pretrained
                ? pretrained.from()
                : ((ModelSpec.FreshBert) recipe.model()).tokenizer();
        try (var files = Models.open(from, listener::transferred)) {
            return TextJobs.shape(BertConfig.of(files.config(), files.source()), 2);
        }
    }

    /** All distinct combinations: the ladder from the plain baseline, then each technique left out alone. */
    private Map<String, Recipe> rungs(List<Technique> techniques) {
        Map<String, Recipe> rungs = new LinkedHashMap<>();
        int n = techniques.size();
        for (int on = n; on >= 0; on--) {
            rungs.put(key(techniques, on, -1), combination(techniques, on, -1));
        }
        for (int out = 0; out < n; out++) {
            rungs.putIfAbsent(key(techniques, n, out), combination(techniques, n, out));
        }
        return rungs;
    }

    /** The first {@code on} techniques, without the one at {@code out}. */
    private Recipe combination(List<Technique> techniques, int on, int out) {
        Recipe made = recipe;
        for (int i = techniques.size() - 1; i >= 0; i--) {
            if (i >= on || i == out) {
                made = techniques.get(i).without().apply(made);
            }
        }
        return made;
    }

    private static String key(List<Technique> techniques, int on, int out) {
        List<String> used = new ArrayList<>();
        for (int i = 0; i < techniques.size(); i++) {
            if (i < on && i != out) {
                used.add(techniques.get(i).key());
            }
        }
        return used.isEmpty() ? "plain" : String.join("+", used);
    }

    private static Recipe withEvaluations(Recipe recipe) {
        StopSpec stop = recipe.stop();
        return changed(
                recipe,
                recipe.schedule(),
                new StopSpec(
                        stop.metric(),
                        stop.target(),
                        null,
                        Math.max(EVALUATIONS_PER_EPOCH, stop.evaluationsPerEpoch()),
                        stop.budget()),
                recipe.baseline(),
                recipe.seed());
    }

    private Recipe seeded(Recipe rung, int seed, @Nullable Goal goal, boolean whole) {
        StopSpec stop = rung.stop();
        ScheduleSpec schedule = rung.schedule();
        StopSpec.Budget budget = StopSpec.Budget.NONE;
        Double target = null;
        if (goal != null) {
            target = goal.target();
            budget = goal.budget();
            // What is slow to learn may take more passes, within its budget.
            schedule = schedule.lasting(schedule.epochs() * (slow(rung) ? settings.patience() : 1));
        }
        return changed(
                rung,
                schedule,
                new StopSpec(stop.metric(), target, null, stop.evaluationsPerEpoch(), budget),
                whole,
                recipe.seed() + seed);
    }

    /** Of language models, those which learn another way than the recipe's: a longer schedule would slow the others down. */
    private boolean slow(Recipe rung) {
        return recipe.task().language()
                ? !rung.model().equals(recipe.model())
                        || rung.optimizer().kind() != recipe.optimizer().kind()
                : !(rung.model() instanceof ModelSpec.Pretrained);
    }

    private static Recipe changed(Recipe recipe, ScheduleSpec schedule, StopSpec stop, boolean baseline, long seed) {
        return recipe.withSchedule(schedule)
                .withStop(stop)
                .withBaseline(baseline)
                .withSeed(seed);
    }

    /** Trains a rung unless that has been done; empty if it was interrupted. */
    private Optional<RunComparison.Entry> train(String rung, Recipe one) {
        Path known = state.run(one);
        Trainer trainer = new Trainer(new ProgressOnly(listener), new RunControl(control));
        if (known != null && !new RunFolder(known).interrupted()) {
            listener.message("rung " + rung + ", seed " + one.seed() + ": done before");
            return Optional.of(RunIndex.read(known));
        }
        listener.message("rung " + rung + ", seed " + one.seed());
        RunResult result;
        try {
            result = known == null
                    ? trainer.train(one, settings.folder().resolve("runs"))
                    : trainer.resume(known, List.of());
        } catch (DivergedException diverged) {
            listener.message("rung " + rung + ", seed " + one.seed() + ": " + diverged.getMessage());
            state.record(one, String.valueOf(diverged.run().getFileName()));
            return Optional.of(RunIndex.read(diverged.run()));
        }
        state.record(one, result.folder().name());
        return result.reason() == StopReason.INTERRUPTED
                ? Optional.empty()
                : Optional.of(RunIndex.read(result.folder().path()));
    }

    private double target(List<RunComparison.Entry> full) {
        Double asked = settings.target() == null ? recipe.stop().target() : settings.target();
        if (asked != null) {
            return asked;
        }
        // Kept, so that seeds added later leave the finished rungs as they are.
        return state.target(() -> {
            double[] values = full.stream()
                    .mapToDouble(run -> run.summary().outcome().value() == null
                            ? Double.NaN
                            : run.summary().outcome().value())
                    .toArray();
            return recipe.stop().metric() == StopSpec.Metric.LOSS
                    ? Math.ceil(Arrays.stream(values).max().orElseThrow() * ABOVE_THE_WORST * ROUNDING) / ROUNDING
                    : Math.floor((Arrays.stream(values).min().orElseThrow() - BELOW_THE_WORST) * ROUNDING) / ROUNDING;
        });
    }

    private SavingsReport report(
            List<Technique> techniques,
            Map<String, List<RunComparison.Entry>> runs,
            List<RunComparison.Entry> full,
            double target,
            SavingsReport.@Nullable Streamlined streamlined) {
        int n = techniques.size();
        List<SavingsReport.Rung> ladder = new ArrayList<>();
        List<SavingsReport.Worth> worths = new ArrayList<>();
        for (int on = 0; on <= n; on++) {
            String title =
                    on == 0 ? start(techniques) : "+ " + techniques.get(on - 1).title();
            ladder.add(rung(title, runs(runs, key(techniques, on, -1)), target));
        }
        for (int i = 0; i < n; i++) {
            FactorEstimate added = FactorEstimate.of(
                    spent(runs(runs, key(techniques, i, -1)), target),
                    spent(runs(runs, key(techniques, i + 1, -1)), target));
            FactorEstimate removed =
                    FactorEstimate.of(spent(runs(runs, key(techniques, n, i)), target), spent(full, target));
            worths.add(new SavingsReport.Worth(
                    techniques.get(i).title(), added.factor(), removed.factor(), removed.verdict()));
        }
        RunSummary first = full.get(0).summary();
        RunSummary.Money money = first.cost().money();
        boolean given = settings.target() != null || recipe.stop().target() != null;
        return new SavingsReport(
                recipe.name(),
                recipe.stop().metric().name().toLowerCase(Locale.ROOT),
                target,
                given
                        ? "as asked for"
                        : "what all techniques together reach with every seed, "
                                + (recipe.stop().metric() == StopSpec.Metric.LOSS
                                        ? "and half a hundredth of it"
                                        : "less half a point"),
                settings.seeds(),
                first.machine().device() + ", " + first.machine().precision(),
                money == null ? "USD" : money.currency(),
                money == null ? "none" : money.priceSource(),
                words(full, target),
                ladder,
                worths,
                streamlined);
    }

    /** From scratch it is the plain baseline; a recipe that has no such rung says what it begins with. */
    private static String start(List<Technique> techniques) {
        boolean plain = techniques.stream()
                .anyMatch(technique -> technique.key().equals(Technique.PRETRAINED)
                        || technique.key().equals(Technique.SLIM));
        return plain ? "plain baseline" : "without any of these";
    }

    private static List<RunComparison.Entry> runs(Map<String, List<RunComparison.Entry>> runs, String key) {
        List<RunComparison.Entry> found = runs.get(key);
        if (found == null) {
            throw new IllegalStateException("no rung " + key);
        }
        return found;
    }

    private static SavingsReport.@Nullable Words words(List<RunComparison.Entry> full, double target) {
        List<RunSummary.Baseline> baselines = new ArrayList<>();
        for (RunComparison.Entry run : full) {
            RunSummary.Baseline baseline = run.summary().baseline();
            if (baseline != null) {
                baselines.add(baseline);
            }
        }
        if (baselines.isEmpty()) {
            return null;
        }
        return new SavingsReport.Words(
                baselines.get(0).words(),
                baselines.stream()
                        .mapToDouble(RunSummary.Baseline::watched)
                        .average()
                        .orElseThrow(),
                baselines.stream()
                        .mapToDouble(RunSummary.Baseline::seconds)
                        .average()
                        .orElseThrow(),
                baselines.stream().allMatch(baseline -> baseline.watched() >= target));
    }

    private List<Spent> spent(List<RunComparison.Entry> runs, double target) {
        return runs.stream()
                .map(run -> RungCost.of(run, target, recipe.stop().metric()))
                .map(c -> new Spent(c.seconds(), c.reached()))
                .toList();
    }

    private SavingsReport.Rung rung(String title, List<RunComparison.Entry> runs, double target) {
        List<RungCost> costs = runs.stream()
                .map(run -> RungCost.of(run, target, recipe.stop().metric()))
                .toList();
        int n = costs.size();
        double seconds = mean(costs.stream().map(RungCost::seconds).toList());
        double squares = costs.stream()
                .mapToDouble(cost -> (cost.seconds() - seconds) * (cost.seconds() - seconds))
                .sum();
        return new SavingsReport.Rung(
                title,
                new SavingsReport.ToTarget(
                        seconds,
                        mean(costs.stream().map(RungCost::flops).toList()),
                        mean(costs.stream().map(RungCost::joules).toList()),
                        mean(costs.stream().map(RungCost::money).toList())),
                n > 1 ? Math.sqrt(squares / (n - 1)) : 0,
                (int) costs.stream().filter(RungCost::reached).count(),
                mean(costs.stream().map(RungCost::value).toList()));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /** What a single run would say about its data is said once for each of many rungs: too often. */
    private record ProgressOnly(RunListener listener) implements RunListener {
        @Override
        public void message(String text) {
            // Said by the rung's report.
        }

        @Override
        public void progress(TrainingProgress progress, boolean evaluated) {
            listener.progress(progress, evaluated);
        }

        @Override
        public void transferred(String what, long done, long total) {
            listener.transferred(what, done, total);
        }
    }
}
