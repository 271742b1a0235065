package dev.shoestring.cli;

import dev.shoestring.distributed.Team;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.report.ProgressLine;
import dev.shoestring.run.RunResult;
import dev.shoestring.run.Trainer;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring train}. */
@Command(
        name = "train",
        description = "Trains or fine-tunes a model; without a recipe: the bundled one, on real data.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Bundled recipes: definitions, definitions-small, definitions-head,",
            "definitions-words, definitions-from-scratch, fashion, mnist, glossary.",
            "",
            "Examples:",
            "  shoestring train",
            "  shoestring train --data tickets.csv --text body --label topic",
            "  shoestring train --data chats.jsonl --model hf:ORG/NAME",
            "  shoestring train definitions-small --set schedule.epochs=3",
            "  shoestring train --resume runs/latest",
            "  shoestring train --resume runs/latest --set stop.budget.time=10m"
        })
final class TrainCommand implements Callable<Integer> {
    static final String DEFAULT_RECIPE = "definitions";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "RECIPE", description = "A bundled recipe or a YAML file.")
    private @Nullable String recipe;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Your own table (CSV, TSV, JSONL, Parquet), folder of images, text file or folder of texts,"
                    + " or conversations (JSONL).")
    private @Nullable String data;

    @Option(names = "--query", paramLabel = "SQL", description = "Your own table, as SQL over files (DuckDB).")
    private @Nullable String query;

    @Option(names = "--text", paramLabel = "COLUMN", description = "Column with the texts.")
    private @Nullable String text;

    @Option(names = "--label", paramLabel = "COLUMN", description = "Column with the labels.")
    private @Nullable String label;

    @Option(
            names = "--model",
            paramLabel = "REF",
            description = "Model to start from: maven:G:A:V, hf:ORG/NAME or a folder.")
    private @Nullable String model;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a value of the recipe; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", description = "Seed of everything random.")
    private @Nullable Long seed;

    @Option(names = "--no-baseline", description = "Skips the cheap baseline, and trains on even if it would do.")
    private boolean noBaseline;

    @Option(names = "--resume", paramLabel = "RUN", description = "Goes on with a run from its newest checkpoint.")
    private @Nullable Path resume;

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
        RunControl control = new RunControl();
        try (ProgressLine progress = ProgressLine.ofStandardError();
                Interrupt interrupt = Interrupt.stopping(control);
                Team team = Team.join(System.getenv())) {
            Trainer trainer = new Trainer(new TerminalListener(progress), control, team);
            RunResult result =
                    resume == null ? trainer.train(chosen(), runs) : trainer.resume(checked(resume), overrides);
            progress.finish();
            if (!team.first()) {
                return status(result);
            }
            if (common.json) {
                spec.commandLine().getOut().print(result.summary().toJson());
                spec.commandLine().getOut().flush();
            } else {
                spec.commandLine().getOut().print(Closing.of(result));
                spec.commandLine().getOut().flush();
            }
            return status(result);
        }
    }

    private static int status(RunResult result) {
        boolean stopped = result.reason() == StopReason.BUDGET || result.reason() == StopReason.INTERRUPTED;
        return stopped ? ExitStatus.STOPPED : ExitStatus.SUCCESS;
    }

    private Path checked(Path run) {
        if (recipe != null
                || data != null
                || query != null
                || model != null
                || text != null
                || label != null
                || noBaseline
                || seed != null) {
            throw new InputException("--resume: a run goes on with its own recipe; leave out RECIPE, --data, --query, "
                    + "--text, --label, --model, --no-baseline and --seed, or start a new run");
        }
        return run;
    }

    private Recipe chosen() {
        List<String> settings = new ArrayList<>(overrides);
        if (seed != null) {
            settings.add("seed=" + seed);
        }
        if (noBaseline) {
            settings.add("baseline=false");
        }
        if (data != null || query != null) {
            if (recipe != null) {
                throw new InputException("--data: a table of your own and the recipe " + recipe
                        + " were both given; name the table in the recipe (data.train), or leave the recipe out");
            }
            return Recipes.forTable(data, query, text, label, model, settings);
        }
        if (text != null) {
            settings.add(Recipes.textOverride("data.text", text));
        }
        if (label != null) {
            settings.add(Recipes.textOverride("data.label", label));
        }
        if (model != null) {
            settings.add(Recipes.textOverride("model.from", model));
        }
        return Recipes.load(recipe == null ? DEFAULT_RECIPE : recipe, settings);
    }
}
