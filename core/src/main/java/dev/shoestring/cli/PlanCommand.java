package dev.shoestring.cli;

import dev.shoestring.cost.Link;
import dev.shoestring.plan.Advice;
import dev.shoestring.plan.Backtest;
import dev.shoestring.plan.Hardware;
import dev.shoestring.plan.HardwareCatalogue;
import dev.shoestring.plan.LanguageModelAdvice;
import dev.shoestring.plan.LanguageModelWays;
import dev.shoestring.plan.Layout;
import dev.shoestring.plan.ModelConfigReader;
import dev.shoestring.plan.ModelShape;
import dev.shoestring.plan.Plan;
import dev.shoestring.plan.Planner;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.plan.SharedWork;
import dev.shoestring.plan.Spread;
import dev.shoestring.plan.ThisMachine;
import dev.shoestring.plan.Ways;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
            "  shoestring plan definitions --processes 4 --network 100Mbit/20ms",
            "  shoestring plan config.json --on a100-80 --processes 8 --tokens 20e9",
            "  shoestring plan config.json --on rtx-4090 --adapt lora --tokens 5e6",
            "  shoestring plan --backtest"
        })
final class PlanCommand implements Callable<Integer> {
    private static final List<String> OF_LANGUAGE_MODELS = List.of(
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
    private static final List<String> OF_SEVERAL = List.of("--processes", "--nodes", "--network", "--local-steps");
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

    @Option(
            names = "--processes",
            paramLabel = "N",
            split = ",",
            description = "Processes, one a device (default: 1); several numbers are compared.")
    private List<Integer> processes = List.of(1);

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "Machines that they stand on (default: one for each process, or as few as hold the devices).")
    private @Nullable Integer nodes;

    @Option(
            names = "--network",
            paramLabel = "RATE/TIME",
            description =
                    "What joins the machines: 100Mbit/20ms, there and back (default: the hardware's; Gigabit here).")
    private @Nullable String network;

    @Option(
            names = "--local-steps",
            paramLabel = "N",
            description = "Steps between exchanges of local steps (default: the recipe's, or 20).")
    private @Nullable Integer localSteps;

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
            List<String> others = new ArrayList<>(OF_LANGUAGE_MODELS);
            others.addAll(OF_SEVERAL);
            for (String option : others) {
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
            List<Ways> ways = ways(plan.work(), hardware);
            if (common.json) {
                CommonOptions.print(out, WaysReport.with(RecipePlanReport.json(plan), ways));
            } else {
                out.print(RecipePlanReport.text(plan));
                ways.forEach(each -> out.print(WaysReport.text(each)));
                out.flush();
            }
            return ExitStatus.SUCCESS;
        }
        languageModel(out, config);
        return ExitStatus.SUCCESS;
    }

    /** Each number of processes is compared in all ways of sharing, so none can be asked for. */
    private void refuseOfOneCount() {
        ParseResult given = spec.commandLine().getParseResult();
        for (String option : List.of("--tensor", "--pipeline", "--shard")) {
            if (processes.size() > 1 && given.hasMatchedOption(option)) {
                throw new InputException(
                        "plan: " + option + " has no effect with several numbers of processes, which are"
                                + " compared in all ways; leave it out or give one number");
            }
        }
    }

    private void refuseWithoutEffect() {
        ParseResult given = spec.commandLine().getParseResult();
        for (String option : OF_LANGUAGE_MODELS) {
            if (given.hasMatchedOption(option)) {
                throw new InputException("plan: " + option + " has no effect on a recipe; change the recipe"
                        + " with --set, or give a config.json");
            }
        }
    }

    /** The ways to share a recipe's work, for each number of processes that is more than one. */
    private List<Ways> ways(@Nullable SharedWork work, @Nullable Hardware hardware) {
        checkSeveral();
        List<Integer> several = processes.stream().filter(count -> count > 1).toList();
        if (!several.isEmpty() && work == null) {
            throw new InputException("plan: --processes: this recipe's work is not shared by processes: each would"
                    + " compute all of it (adapt: head, a bag of words); leave it out");
        }
        @Nullable Link given = network == null ? null : Link.parse("--network", network);
        List<Ways> ways = new ArrayList<>();
        for (int count : several) {
            Spread spread = Spread.of(count, nodes, given, hardware);
            if (work != null) {
                ways.add(localSteps == null ? work.ways(spread) : work.ways(spread, localSteps));
            }
        }
        return ways;
    }

    /** Numbers that make sense, and no network between what is one. */
    private void checkSeveral() {
        processes.forEach(count -> positive("--processes", count, 1 << 20));
        positive("--nodes", nodes == null ? 1 : nodes, 1 << 20);
        positive("--local-steps", localSteps == null ? 1 : localSteps, 100_000);
        boolean several = processes.stream().anyMatch(count -> count > 1);
        for (String option : OF_SEVERAL) {
            if (!several
                    && spec.commandLine().getParseResult().hasMatchedOption(option)
                    && !option.equals("--processes")) {
                throw new InputException(option + ": has no effect on one process; say --processes N too");
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
        checkSeveral();
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
        Hardware chosen = on == null || on.equals(THIS_MACHINE) ? ThisMachine.hardware() : catalogue.named(on);
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
        int local = localSteps == null ? SharedWork.USUAL_LOCAL_STEPS : localSteps;
        List<Ways> ways = new ArrayList<>();
        refuseOfOneCount();
        for (int count : processes) {
            Hardware hardware = joined(chosen, count);
            Workload job = new Workload(
                    model,
                    sequence,
                    total,
                    Math.min(batch, total),
                    precision(hardware),
                    lora ? new Workload.Adaptation.Lora(rank) : new Workload.Adaptation.Full(),
                    !eager,
                    chunkedLoss,
                    count > hardware.devicesPerMachine());
            Wishes wishes = new Wishes(count, tensor, pipeline, shard, recompute, microBatch);
            if (count > 1) {
                Link given = network == null ? null : Link.parse("--network", network);
                Spread spread = Spread.of(count, null, given, hardware);
                ways.add(LanguageModelWays.of(job, hardware, spread, wishes, local));
            }
            if (processes.size() == 1) {
                Plan plan = new Planner(hardware).plan(job, wishes);
                List<Advice> advice = LanguageModelAdvice.of(plan, catalogue);
                if (common.json) {
                    CommonOptions.print(out, WaysReport.with(PlanReport.json(plan, advice), ways));
                    return;
                }
                out.print(PlanReport.text(plan, advice));
            }
        }
        if (common.json) {
            CommonOptions.print(out, WaysReport.with(new LinkedHashMap<>(Map.of("predicted", true)), ways));
        } else {
            ways.forEach(each -> out.print(WaysReport.text(each)));
            out.flush();
        }
    }

    /** The hardware with the machines and the network that were given. */
    private Hardware joined(Hardware chosen, int count) {
        if (nodes != null && count % nodes != 0) {
            throw new InputException("--nodes: " + nodes + " machines cannot hold " + count
                    + " processes, as many on each; nearest: --processes " + Math.max(1, count / nodes) * nodes);
        }
        if (nodes == null && network == null) {
            return chosen;
        }
        int held = nodes == null ? chosen.devicesPerMachine() : count / nodes;
        return chosen.joined(held, network == null ? null : Link.parse("--network", network));
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
