package dev.shoestring.cli;

import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.generate.EndReason;
import dev.shoestring.generate.GenerationSettings;
import dev.shoestring.hub.Progress;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Precision;
import dev.shoestring.run.Generation;
import dev.shoestring.run.LanguageModel;
import dev.shoestring.run.TextListener;
import dev.shoestring.train.RunControl;
import java.io.IOException;
import java.io.PrintWriter;
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

/** {@code shoestring generate}. */
@Command(
        name = "generate",
        description = "Writes text with a language model: continues prompts, each shown before what comes after it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  shoestring generate runs/latest \"Once upon a time\"",
            "  shoestring generate hf:HuggingFaceTB/SmolLM2-135M \"The capital of France is\" --max-tokens 20",
            "  shoestring generate runs/latest --chat",
            "  shoestring generate runs/latest --file prompts.txt --temperature 0.8 --top-p 0.95 --seed 1 --json"
        })
final class GenerateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A run folder, runs/latest, a model folder, hf:ORG/NAME or maven:G:A:V.")
    private String model = "runs/latest";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "PROMPT",
            description = "Texts to continue; without any, standard input's lines.")
    private List<String> prompts = new ArrayList<>();

    @Option(names = "--file", paramLabel = "FILE", description = "Continues each line of this UTF-8 file.")
    private @Nullable Path file;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(
            names = "--chat",
            description =
                    "Takes each prompt as a question, through the model's chat template; without any, a conversation"
                            + " over standard input, a line a turn.")
    private boolean chat;

    @Option(
            names = "--system",
            paramLabel = "TEXT",
            description = "With --chat: what the assistant is told beforehand.")
    private @Nullable String system;

    @Option(
            names = "--precision",
            paramLabel = "P",
            description = "auto, fp32 or bf16; auto takes what is faster here (default: auto).")
    private Precision precision = Precision.AUTO;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() throws IOException {
        if (file != null && !prompts.isEmpty()) {
            throw new InputException("--file: prompts were given as arguments too; give one or the other");
        }
        if (system != null && !chat) {
            throw new InputException("--system: has no effect without --chat; add --chat or remove it");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        RunControl control = new RunControl();
        PriceList prices = PriceList.load();
        if (chat && file == null && prompts.isEmpty()) {
            return converse(out, err);
        }
        try (Interrupt interrupt = Interrupt.ending(control);
                LanguageModel opened = LanguageModel.open(model, precision, Progress.silent())) {
            GenerationSettings settings = sampling.over(opened.defaults());
            List<String> texts = texts();
            Ledger ledger = Ledger.start(prices);
            boolean streamed = texts.size() == 1 && !common.json;
            if (streamed && !chat) {
                out.print(texts.get(0));
                out.flush();
            }
            TextListener writer = new TextListener() {
                @Override
                public void text(int prompt, String text) {
                    if (streamed) {
                        out.print(text);
                        out.flush();
                    }
                }

                @Override
                public boolean goesOn() {
                    return control.reason() == null;
                }
            };
            List<Generation> generations =
                    chat ? opened.chat(texts, system, settings, writer) : opened.generate(texts, settings, writer);
            if (common.json) {
                CommonOptions.print(out, GenerationReport.document(generations, opened.pace(), ledger.stop()));
            } else if (streamed) {
                out.println();
            } else {
                generations.forEach(
                        generation -> out.println(generation.prompt() + (chat ? "\n" : "") + generation.text()));
            }
            out.flush();
            if (!common.json) {
                err.println(GenerationReport.line(opened.pace(), ledger.stop()));
                err.flush();
            }
            return generations.stream().anyMatch(one -> one.reason() == EndReason.INTERRUPTED)
                    ? ExitStatus.STOPPED
                    : ExitStatus.SUCCESS;
        }
    }

    private int converse(PrintWriter out, PrintWriter err) throws IOException {
        PriceList prices = PriceList.load();
        try (LanguageModel opened = LanguageModel.open(model, precision, Progress.silent())) {
            Ledger ledger = Ledger.start(prices);
            GenerationSettings settings = sampling.over(opened.defaults());
            List<Generation> answers = new ChatSession(opened, settings, system, out, err, common.json).run();
            if (common.json) {
                CommonOptions.print(out, GenerationReport.document(answers, opened.pace(), ledger.stop()));
            } else {
                err.println(GenerationReport.line(opened.pace(), ledger.stop()));
                err.flush();
            }
            return ExitStatus.SUCCESS;
        }
    }

    private List<String> texts() throws IOException {
        if (!prompts.isEmpty()) {
            return prompts;
        }
        return file != null ? PromptSource.file(file) : PromptSource.standardInput();
    }
}
