package dev.shoestring.run;

import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.report.Figures;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a trained network smaller and says what that lost: parts that matter little are cut out, and what remains learns the
 * original's answers. Candidates of many sizes are measured right after the cut, the most promising after a short healing, and the best of
 * these is healed by a run of its own, with checkpoints and all else that a run has. Without a target this is done again at ever smaller sizes
 * until the floor would be crossed.
 *
 * <p>Chosen is by the validation split; the test split is read by the report of the run alone.
 */
public final class Shrink {
    private final Recipe whole;
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
     * @param time wall time at whose end the healing ends; null sets no limit
     * @param unlabelled texts of training rows beyond {@code data.train_examples} to learn from; null takes two for each labelled one
     * @param cutVocabulary whether pieces that lose their row of the embedding go, so that words fall into shorter ones; otherwise they share another's row
     * @param epochs passes over the texts in the whole healing; null takes a number reckoned from the operations of training the original
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
            Path runs) {
        private Settings withModel(@Nullable Path other) {
            return new Settings(other, keep, target, time, unlabelled, cutVocabulary, epochs, folder, runs);
        }
    }

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
        ShrinkFamilies.require(recipe);
        ShrinkFamilies.requireEffect(recipe, settings);
        if (!(settings.keep() > 0 && settings.keep() <= 1)) {
            throw new InputException("--keep: must be greater than 0 and at most 1, but is " + settings.keep());
        }
        this.whole = SizeProposal.settled(recipe, listener);
        this.recipe = whole.withDistill(null);
        Path given = settings.model();
        Path model = given == null ? null : settled(given);
        this.settings = settings.withModel(model);
        this.listener = listener;
        this.control = control;
        if (given != null && model != null && !given.endsWith(model.getFileName())) {
            listener.message("--model: " + given + " is " + model + "; name that one to go on after an interruption");
        }
    }

    /** The folder itself: {@code runs/latest} points elsewhere as soon as the healing begins. */
    private static Path settled(Path model) {
        if (!Files.isRegularFile(model.resolve("config.json"))) {
            return RunFolder.open(model).path();
        }
        try {
            return model.toRealPath();
        } catch (IOException unreadable) {
            throw new InputException(model + ": cannot be read (" + RunFolder.reason(unreadable) + ")", unreadable);
        }
    }

    /** Makes it smaller; empty if it was interrupted. The next call goes on. */
    public Optional<Result> run() {
        try (Inputs inputs = Inputs.of(ShrinkFamilies.reading(recipe, settings.model()), listener)) {
            inputs.awaitModel();
            ShrinkState state = ShrinkState.open(settings.folder(), key(inputs), listener);
            Optional<Path> original = original(state);
            if (original.isEmpty()) {
                return Optional.empty();
            }
            Ledger ledger =
                    state.cost().map(before -> Ledger.resume(prices, before)).orElseGet(() -> Ledger.start(prices));
            ShrinkSetup setup = new ShrinkSetup(recipe, settings, original.get(), listener, prices, ledger);
            try (Shrinkable network = ShrinkFamilies.open(setup, inputs)) {
                return new ShrinkWork(setup, control, state, network).shrink();
            } finally {
                state.cost(ledger.soFar());
            }
        }
    }

    private String key(Inputs inputs) {
        return Fingerprint.of(String.join(
                "\n",
                RecipeYaml.write(recipe),
                inputs.fingerprint(),
                String.valueOf(settings.model()),
                settings.target() == null ? "none" : settings.target().exactly(),
                String.valueOf(settings.keep()),
                String.valueOf(settings.time()),
                String.valueOf(settings.unlabelled()),
                String.valueOf(settings.epochs()),
                String.valueOf(settings.cutVocabulary())));
    }

    /** The trained run; empty if its training was interrupted. */
    private Optional<Path> original(ShrinkState state) {
        Path given = settings.model();
        if (given != null) {
            return Optional.of(given);
        }
        Path known = state.original();
        Trainer trainer = new Trainer(listener, new RunControl(control));
        if (known != null && !new RunFolder(known).interrupted()) {
            return Optional.of(known);
        }
        RecipePlan plan = RecipePlanner.plan(whole, null);
        listener.message("first: training " + recipe.name() + ", predicted to take "
                + Figures.duration(plan.seconds().middle())
                + (plan.money() == null
                        ? ""
                        : " and " + Figures.money(plan.money().middle(), plan.currency()))
                + "; --model RUN takes one that is trained already");
        RunResult trained = known == null
                ? trainer.train(whole, settings.runs(), state::original)
                : trainer.resume(known, List.of());
        state.original(trained.folder().path());
        return trained.reason() == StopReason.INTERRUPTED
                ? Optional.empty()
                : Optional.of(trained.folder().path());
    }
}
