package dev.shoestring.cli;

import dev.shoestring.recipe.InputException;
import dev.shoestring.report.ProgressLine;
import dev.shoestring.text.BpeTrainer;
import dev.shoestring.text.PreTokenization;
import dev.shoestring.text.TextFiles;
import dev.shoestring.text.TrainedTokenizer;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code shoestring tokenizer}. */
@Command(
        name = "tokenizer",
        description = "Makes tokenizers of your own.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TokenizerCommand.Train.class, TokenizerPipes.class},
        footer = {"", "Example: shoestring tokenizer train --data texts/ --vocab 4096 --out my-tokenizer"})
final class TokenizerCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: train");
    }

    /** {@code shoestring tokenizer train}. */
    @Command(
            name = "train",
            description = "Trains a byte-level BPE on texts and writes tokenizer.json and tokenizer_config.json.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  shoestring tokenizer train --data texts/ --vocab 4096 --out my-tokenizer",
                "  shoestring tokenizer train --data src/ notes.md --vocab 8192 --split llama3 --out my-tokenizer"
            })
    static final class Train implements Callable<Integer> {
        private static final long QUIET_NANOS = 2_000_000_000L;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
        private CommandSpec spec;

        @Option(
                names = "--data",
                required = true,
                arity = "1..*",
                paramLabel = "FILE|FOLDER",
                description = "Texts in UTF-8.")
        private List<Path> data = new ArrayList<>();

        @Option(
                names = "--vocab",
                paramLabel = "N",
                defaultValue = "4096",
                description = "Pieces, special tokens and the 256 bytes included (default: ${DEFAULT-VALUE}).")
        private int vocabulary;

        @Option(
                names = "--out",
                required = true,
                paramLabel = "FOLDER",
                description = "Where the two files are written.")
        private Path out = Path.of(".");

        @Option(
                names = "--special",
                split = ",",
                paramLabel = "TOKEN",
                defaultValue = "<|endoftext|>,<|im_start|>,<|im_end|>",
                description = "Special tokens, between commas (default: ${DEFAULT-VALUE}).")
        private List<String> special = new ArrayList<>();

        @Option(
                names = "--split",
                paramLabel = "KIND",
                defaultValue = "gpt2",
                description = "gpt2, or llama3: digits by three at most (default: ${DEFAULT-VALUE}).")
        private PreTokenization split = PreTokenization.GPT2;

        @Mixin
        private CommonOptions common = new CommonOptions();

        @Override
        public Integer call() {
            if (Files.exists(out) && !Files.isDirectory(out)) {
                throw new InputException("--out: " + out + " is a file; name a folder");
            }
            BpeTrainer trainer = new BpeTrainer(vocabulary, special, split);
            TextFiles files = TextFiles.below(data);
            long start = System.nanoTime();
            TrainedTokenizer trained;
            try (ProgressLine progress = ProgressLine.ofStandardError()) {
                trained = trainer.train(files.blocks(), (stage, done, total) -> {
                    if (System.nanoTime() - start > QUIET_NANOS) {
                        progress.task(stage, done, total, total > 0 ? "pieces" : "characters");
                    }
                });
            }
            trained.write(out);
            PrintWriter writer = spec.commandLine().getOut();
            if (common.json) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("folder", out.toString());
                document.put("vocabulary_size", trained.vocabularySize());
                document.put("distinct_words", trained.distinctWords());
                document.put("files", files.files().size());
                document.put("seconds", (System.nanoTime() - start) / 1e9);
                CommonOptions.print(writer, document);
            } else {
                writer.println(out + ": a tokenizer of " + trained.vocabularySize() + " pieces"
                        + (trained.vocabularySize() < vocabulary
                                ? "; the texts have no more pairs that occur twice, give more text for " + vocabulary
                                : ""));
                writer.flush();
            }
            return ExitStatus.SUCCESS;
        }
    }
}
