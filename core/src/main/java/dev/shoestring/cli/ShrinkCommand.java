package dev.shoestring.cli;

import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.recipe.Task;
import dev.shoestring.report.ProgressLine;
import dev.shoestring.report.ShrinkPage;
import dev.shoestring.run.RunFolder;
import dev.shoestring.run.Shrink;
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

/** {@code shoestring shrink}. */
@Command(
        name = "shrink",
        description =
                "Makes a trained classifier of texts or images, or a language model, smaller: cuts out what matters little, and"
                        + " lets what remains learn"
                        + " the original's answers.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  shoestring shrink definitions",
            "  shoestring shrink fashion --target 0.5x",
            "  shoestring shrink --model runs/definitions-20261126-101500 --keep 0.99 --target 0.4x",
            "  shoestring shrink --model runs/definitions-20261126-101500 --target flops=0.4x,parameters=0.25x"
        })
final class ShrinkCommand implements Callable<Integer> {
    private static final int MOST_TEXTS = 10_000_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RECIPE",
            description = "A bundled recipe or a YAML file (default: that of --model, or the bundled one).")
    private @Nullable String recipe;

    @Option(
            names = "--model",
            paramLabel = "RUN",
            description =
                    "The trained run, or a model folder; without one the recipe is trained first. Name the run's own"
                            + " folder: runs/latest is the smaller network's run once its healing has begun.")
    private @Nullable Path model;

    @Option(
            names = "--keep",
            paramLabel = "SHARE",
            description = "Share of the original's validation value that must remain (default: 0.99).")
    private double keep = 0.99;

    @Option(
            names = "--target",
            paramLabel = "SIZE",
            description = "0.5x the operations of a prediction, or flops=0.4x,parameters=0.25x (default: smaller and"
                    + " smaller while --keep holds).")
    private @Nullable String target;

    @Option(
            names = "--budget",
            paramLabel = "TIME",
            description = "When this time is up the healing ends, such as 10m; it has at least a second. Training the"
                    + " original and judging candidates are not cut short.")
    private @Nullable String budget;

    @Option(
            names = "--unlabelled",
            paramLabel = "N",
            description = "Training rows beyond data.train_examples to learn from without their labels (default: two"
                    + " for each labelled one, if there are any).")
    private @Nullable Integer unlabelled;

    @Option(
            names = "--cut-vocabulary",
            description =
                    "Pieces without a row of the embedding go, and words fall into shorter ones; otherwise they share"
                            + " the row of the likest.")
    private boolean cutVocabulary;

    @Option(
            names = "--epochs",
            paramLabel = "X",
            description =
                    "Passes over the texts in the healing (default: reckoned from operations, toward 0.8 of those that"
                            + " training the original took, but at least half a pass).")
    private @Nullable Double epochs;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a value of the recipe; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            description = "Where candidates are kept (default: shrink/RECIPE); an interrupted shrinking goes on there.")
    private @Nullable Path folder;

    @Option(
            names = "--runs",
            paramLabel = "FOLDER",
            defaultValue = "runs",
            description = "Where run folders are made (default: ${DEFAULT-VALUE}).")
    private Path runs = Path.of("runs");

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        if (epochs != null && !(epochs > 0 && epochs <= 1000)) {
            throw new InputException("--epochs: must be greater than 0 and at most 1000, but is " + epochs);
        }
        if (unlabelled != null && (unlabelled < 0 || unlabelled > MOST_TEXTS)) {
            throw new InputException("--unlabelled: must be from 0 to " + MOST_TEXTS + ", but is " + unlabelled);
        }
        Recipe chosen = Recipes.load(source(), overrides);
        Shrink.Settings settings = new Shrink.Settings(
                model,
                keep,
                target == null ? null : ShrinkTarget.parse(target),
                budget == null ? null : Recipes.duration("--budget", budget),
                unlabelled,
                cutVocabulary,
                epochs,
                folder == null ? Path.of("shrink", chosen.name()) : folder,
                runs);
        RunControl control = new RunControl();
        PrintWriter out = spec.commandLine().getOut();
        try (ProgressLine progress = ProgressLine.ofStandardError();
                Interrupt interrupt = Interrupt.stopping(control)) {
            Optional<Shrink.Result> result =
                    new Shrink(chosen, settings, new TerminalListener(progress), control).run();
            progress.finish();
            if (result.isEmpty()) {
                out.println(
                        common.json
                                ? "{\"status\": \"interrupted\"}"
                                : "interrupted; the same command goes on where it stopped");
                out.flush();
                return ExitStatus.STOPPED;
            }
            show(out, result.get(), chosen.task());
        }
        return ExitStatus.SUCCESS;
    }

    private String source() {
        if (recipe != null) {
            return recipe;
        }
        return model == null
                ? TrainCommand.DEFAULT_RECIPE
                : RunFolder.open(model).recipe().toString();
    }

    private void show(PrintWriter out, Shrink.Result result, Task task) {
        if (common.json) {
            out.println(ShrinkPage.json(result.report()));
        } else {
            Path run = result.folder().path();
            out.print(ShrinkPage.text(result.report()));
            out.println("report:  " + run.resolve("shrink.html"));
            String example = result.report().unit().equals("image") ? " photo.jpg" : " \"your text\"";
            out.println((task.language() ? "generate: shoestring generate " : "predict: shoestring predict ")
                    + run
                    + example);
        }
        out.flush();
    }
}
