package dev.shoestring.cli;

import dev.shoestring.plan.Advice;
import dev.shoestring.plan.Backtest;
import dev.shoestring.plan.Hardware;
import dev.shoestring.plan.HardwareCatalogue;
import dev.shoestring.plan.LanguageModelAdvice;
import dev.shoestring.plan.Layout;
import dev.shoestring.plan.ModelConfigReader;
import dev.shoestring.plan.ModelShape;
import dev.shoestring.plan.Plan;
import dev.shoestring.plan.Planner;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.plan.ThisMachine;
import dev.shoestring.plan.Wishes;
import dev.shoestring.plan.Workload;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.run.RecipePlanner;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code shoestring plan}. */
@Command(
        name = "plan",
        description = "Predicts memory, time, energy and money before a run; what-if over hardware.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  shoestring plan definitions",
            "  shoestring plan config.json --on a100-80 --processes 8 --tokens 20e9",
            "  shoestring plan config.json --on rtx-4090 --adapt lora --tokens 5e6",
            "  shoestring plan --backtest"
        })
final class PlanCommand implements Callable<Integer> {
    private static final List<String> OF_LANGUAGE_MODELS = List.of(
            "--processes",
            "--tokens",
            "--sequence",
            "--batch-tokens",
            "--precision",
            "--adapt",
            "--rank",
            "--recompute",
            "--shard",
            "--tensor",
            "--pipeline",
            "--micro-batch",
            "--eager",
            "--chunked-loss");
    private static final String THIS_MACHINE = ThisMachine.NAME;
    private static final double TOKENS_FOR_A_PARAMETER = 20;
    private static final double USUAL_BATCH = 524_288;
    private static final int USUAL_SEQUENCE = 2048;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RECIPE",
            description = "A recipe, or a Hugging Face config.json or the folder that holds one.")
    private @Nullable String recipe;

    @Option(names = "--on", paramLabel = "HARDWARE", description = "Hardware of the catalogue (default: this machine).")
    private @Nullable String on;

    @Option(names = "--processes", paramLabel = "N", description = "Devices (default: 1).")
    private int processes = 1;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a value of the recipe; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--tokens", paramLabel = "N", description = "Tokens to train on (default: 20 a parameter).")
    private @Nullable Double tokens;

    @Option(
            names = "--sequence",
            paramLabel = "N",
            description = "Tokens in a sequence (default: 2048, or the model's positions if fewer).")
    private @Nullable Integer sequenceGiven;

    @Option(names = "--batch-tokens", paramLabel = "N", description = "Tokens in an optimizer step.")
    private @Nullable Double batchTokens;

    @Option(names = "--precision", paramLabel = "P", description = "fp32, fp16, bf16 or fp8 (default: the best there).")
    private @Nullable String precision;

    @Option(names = "--adapt", paramLabel = "KIND", description = "full or lora (default: full).")
    private String adapt = "full";

    @Option(names = "--rank", paramLabel = "N", description = "Rank of LoRA (default: 16).")
    private int rank = 16;

    @Option(
            names = "--recompute",
            paramLabel = "KIND",
            description = "none, selective or full activation recomputation.")
    private Layout.@Nullable Recompute recompute;

    @Option(names = "--shard", paramLabel = "KIND", description = "none, optimizer or full.")
    private Layout.@Nullable Shard shard;

    @Option(names = "--tensor", paramLabel = "N", description = "Devices that share every matrix.")
    private @Nullable Integer tensor;

    @Option(names = "--pipeline", paramLabel = "N", description = "Pipeline stages.")
    private @Nullable Integer pipeline;

    @Option(names = "--micro-batch", paramLabel = "N", description = "Sequences in one pass.")
    private @Nullable Integer microBatch;

    @Option(names = "--eager", description = "Element-wise operations are not fused.")
    private boolean eager;

    @Option(names = "--chunked-loss", description = "Output layer and loss are computed in pieces.")
    private boolean chunkedLoss;

    @Option(
            names = "--backtest",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "FILE",
            description = "Predicts published runs (or those of FILE) and compares.")
    private @Nullable String backtest;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (backtest != null) {
            for (String option : OF_LANGUAGE_MODELS) {
                if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                    throw new InputException("plan: " + option
                            + " has no effect with --backtest, whose runs say how they ran; leave it out");
                }
            }
            Backtest result = backtest.isEmpty() ? Backtest.bundled() : Backtest.read(Path.of(backtest));
            if (common.json) {
                CommonOptions.print(out, BacktestReport.json(result));
            } else {
                out.print(BacktestReport.text(result));
                out.flush();
            }
            return ExitStatus.SUCCESS;
        }
        Path config = config();
        if (config == null) {
            refuseWithoutEffect();
            Recipe chosen = Recipes.load(recipe == null ? TrainCommand.DEFAULT_RECIPE : recipe, overrides);
            boolean here = on == null || on.equals(THIS_MACHINE);
            @Nullable Hardware hardware = here ? null : HardwareCatalogue.load().named(String.valueOf(on));
            RecipePlan plan = RecipePlanner.plan(chosen, hardware);
            if (common.json) {
                CommonOptions.print(out, RecipePlanReport.json(plan));
            } else {
                out.print(RecipePlanReport.text(plan));
                out.flush();
            }
            return ExitStatus.SUCCESS;
        }
        languageModel(out, config);
        return ExitStatus.SUCCESS;
    }

    private void refuseWithoutEffect() {
        ParseResult given = spec.commandLine().getParseResult();
        for (String option : OF_LANGUAGE_MODELS) {
            if (given.hasMatchedOption(option)) {
                throw new InputException("plan: " + option + " has no effect on a recipe, which trains in one"
                        + " process; change the recipe with --set, or give a config.json");
            }
        }
    }

    private @Nullable Path config() {
        if (recipe == null) {
            return null;
        }
        Path path = Path.of(recipe);
        if (Files.isDirectory(path)) {
            return path.resolve("config.json");
        }
        return recipe.endsWith(".json") ? path : null;
    }

    private void languageModel(PrintWriter out, Path config) {
        ModelShape model = ModelConfigReader.read(config);
        int longest = model.positions() > 0 ? Math.min(USUAL_SEQUENCE, model.positions()) : USUAL_SEQUENCE;
        int sequence = sequenceGiven == null ? longest : sequenceGiven;
        positive("--processes", processes, 1 << 20);
        positive("--sequence", sequence, 1 << 22);
        positive("--rank", rank, 1 << 14);
        positive("--tensor", tensor == null ? 1 : tensor, 1 << 20);
        positive("--pipeline", pipeline == null ? 1 : pipeline, 1 << 20);
        positive("--micro-batch", microBatch == null ? 1 : microBatch, 1 << 20);
        if (!overrides.isEmpty()) {
            throw new InputException("plan: --set changes a recipe and has no effect on a config.json; leave it out");
        }
        if (spec.commandLine().getParseResult().hasMatchedOption("--rank") && !adaptation()) {
            throw new InputException("--rank: has no effect without --adapt lora; leave it out");
        }
        HardwareCatalogue catalogue = HardwareCatalogue.load();
        Hardware hardware = on == null || on.equals(THIS_MACHINE) ? ThisMachine.hardware() : catalogue.named(on);
        double total = tokens == null ? TOKENS_FOR_A_PARAMETER * model.activeParameters() : tokens;
        boolean lora = adaptation();
        double batch = batchTokens == null ? (lora ? 16.0 * sequence : USUAL_BATCH) : batchTokens;
        positive("--tokens", total, 1e18);
        positive("--batch-tokens", batch, 1e12);
        if (batch < sequence) {
            throw new InputException("--batch-tokens: must hold a sequence at least (" + sequence + " tokens), but is "
                    + (long) batch + "; or choose a smaller --sequence");
        }
        if (model.positions() > 0 && sequence > model.positions()) {
            throw new InputException("--sequence: the model has " + model.positions() + " positions, but " + sequence
                    + " tokens are to be in a sequence; nearest: --sequence " + model.positions());
        }
        Workload job = new Workload(
                model,
                sequence,
                total,
                Math.min(batch, total),
                precision(hardware),
                lora ? new Workload.Adaptation.Lora(rank) : new Workload.Adaptation.Full(),
                !eager,
                chunkedLoss,
                processes > hardware.devicesPerMachine());
        Plan plan =
                new Planner(hardware).plan(job, new Wishes(processes, tensor, pipeline, shard, recompute, microBatch));
        List<Advice> advice = LanguageModelAdvice.of(plan, catalogue);
        if (common.json) {
            CommonOptions.print(out, PlanReport.json(plan, advice));
        } else {
            out.print(PlanReport.text(plan, advice));
            out.flush();
        }
    }

    private boolean adaptation() {
        return switch (adapt.toLowerCase(Locale.ROOT)) {
            case "full" -> false;
            case "lora" -> true;
            default -> throw new InputException("--adapt: must be full or lora, but is \"" + adapt + "\"");
        };
    }

    private String precision(Hardware hardware) {
        if (precision == null) {
            return hardware.has("bf16") ? "bf16" : hardware.has("fp16") ? "fp16" : "fp32";
        }
        String wanted = precision.toLowerCase(Locale.ROOT);
        if (!hardware.has(wanted)) {
            throw new InputException("--precision: " + hardware.name() + " computes "
                    + hardware.peak().keySet().stream().sorted().toList() + ", not \"" + precision + "\"");
        }
        return wanted;
    }

    private static void positive(String option, double value, double most) {
        if (!(value >= 1 && value <= most)) {
            throw new InputException(option + ": must be from 1 to " + (long) most + ", but is "
                    + (value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value)));
        }
    }
}
