package dev.shoestring.cli;

import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.recipe.StopSpec;
import dev.shoestring.report.ProgressLine;
import dev.shoestring.report.SavingsPage;
import dev.shoestring.report.SavingsReport;
import dev.shoestring.run.Savings;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.train.RunControl;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring savings}. */
@Command(
        name = "savings",
        description = "Measures what each technique of a recipe is worth: a ladder of runs to the same target.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: shoestring savings definitions-small --seeds 3"})
final class SavingsCommand implements Callable<Integer> {
    private static final int MOST_SEEDS = 100;
    private static final double MOST_LOSS = 1000;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "RECIPE", description = "A bundled recipe or a YAML file.")
    private String recipe = TrainCommand.DEFAULT_RECIPE;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a value of the recipe; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--seeds", paramLabel = "N", description = "Seeds of each rung (default: 3).")
    private int seeds = 3;

    @Option(
            names = "--target",
            paramLabel = "X",
            description = "Validation value to reach (default: the recipe's, or what"
                    + " all techniques reach with every seed).")
    private @Nullable Double target;

    @Option(
            names = "--patience",
            paramLabel = "X",
            description = "Gives a rung up after so many times the time of all" + " techniques together (default: 3).")
    private double patience = 3;

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            description = "Where rungs and report are kept (default:"
                    + " savings/RECIPE); finished rungs in it are used again.")
    private @Nullable Path folder;

    @Option(
            names = "--streamlined",
            paramLabel = "SIZE",
            defaultValue = "0.5x",
            description = "How small the result is made at the end, as shrink --target, or none (default:"
                    + " ${DEFAULT-VALUE} the operations of a prediction).")
    private String streamlined = "0.5x";

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        if (seeds < 1 || seeds > MOST_SEEDS) {
            throw new InputException("--seeds: must be from 1 to " + MOST_SEEDS + ", but is " + seeds);
        }
        if (!(patience >= 1 && patience <= 1000)) {
            throw new InputException("--patience: must be from 1 to 1000, but is " + patience);
        }
        Recipe chosen = Recipes.load(recipe, overrides);
        double most = chosen.stop().metric() == StopSpec.Metric.LOSS ? MOST_LOSS : 1;
        if (target != null && !(target > 0 && target <= most)) {
            throw new InputException(
                    "--target: must be greater than 0 and at most " + (long) most + ", but is " + target);
        }
        Path place = folder == null ? Path.of("savings", chosen.name()) : folder;
        RunControl control = new RunControl();
        PrintWriter out = spec.commandLine().getOut();
        try (ProgressLine progress = ProgressLine.ofStandardError();
                Interrupt interrupt = Interrupt.stopping(control)) {
            Savings savings = new Savings(
                    chosen,
                    new Savings.Settings(place, seeds, target, patience, size()),
                    new TerminalListener(progress),
                    control);
            Optional<SavingsReport> report = savings.measure();
            progress.finish();
            if (report.isEmpty()) {
                out.println(
                        common.json
                                ? "{\"status\": \"interrupted\"}"
                                : "interrupted; the same command goes on where it stopped");
                out.flush();
                return ExitStatus.STOPPED;
            }
            String left = SavingsPage.write(place, report.get());
            if (common.json) {
                out.println(SavingsPage.json(report.get()));
            } else {
                out.print(SavingsPage.text(report.get()));
                out.println("report: " + place.resolve("report.html") + (left.isEmpty() ? "" : "\n" + left));
            }
            out.flush();
        }
        return ExitStatus.SUCCESS;
    }

    private @Nullable ShrinkTarget size() {
        return streamlined.equals("none") ? null : ShrinkTarget.parse("--streamlined", streamlined);
    }
}
