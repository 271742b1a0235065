package dev.shoestring.cli;

import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.GgufType;
import dev.shoestring.hub.ModelArtifact;
import dev.shoestring.recipe.InputException;
import dev.shoestring.report.ProgressLine;
import dev.shoestring.run.ModelExport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring export}. */
@Command(
        name = "export",
        description = "Writes a language model for other tools: safetensors, GGUF, a Maven artifact, a PEFT adapter.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "An adapter is merged into its base, except with --format peft.",
            "Example: shoestring export runs/latest --format gguf --quantize q8_0 --out model.gguf"
        })
final class ExportCommand implements Callable<Integer> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6})\\s*([KMGT])I?B", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGT";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "RUN|MODEL",
            description = "A run, a folder with a model or an adapter, hf:ORG/NAME or maven:G:A:V.")
    private String model = "";

    /** What is written. */
    enum Format {
        safetensors,
        gguf,
        maven,
        peft
    }

    /** Element types of weights. */
    enum Type {
        fp32(ElementType.F32, GgufType.F32),
        fp16(ElementType.F16, GgufType.F16),
        bf16(ElementType.BF16, GgufType.BF16);

        private final ElementType element;
        private final GgufType gguf;

        Type(ElementType element, GgufType gguf) {
            this.element = element;
            this.gguf = gguf;
        }
    }

    /** Ways to keep weights in fewer bits. */
    enum Quantization {
        q8_0
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            required = true,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private Format format = Format.safetensors;

    @Option(
            names = "--out",
            paramLabel = "PATH",
            description = "Folder to be written; for gguf a file; for maven a repository (the local one if left out).")
    private @Nullable Path out;

    @Option(names = "--base", paramLabel = "MODEL", description = "Base of an adapter; default: what the adapter says.")
    private @Nullable String base;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "One of ${COMPLETION-CANDIDATES}; default: as the model is stored, for gguf fp16.")
    private @Nullable Type type;

    @Option(names = "--quantize", paramLabel = "KIND", description = "GGUF only: ${COMPLETION-CANDIDATES}.")
    private @Nullable Quantization quantization;

    @Option(names = "--coordinates", paramLabel = "G:A:V", description = "Maven only: group, artifact and version.")
    private @Nullable String coordinates;

    @Option(
            names = "--shard-size",
            paramLabel = "SIZE",
            description = "safetensors only: most of one weights file, such as 5GB (default).")
    private @Nullable String shardSize;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        only("--quantize", quantization, Format.gguf);
        only("--coordinates", coordinates, Format.maven);
        only("--shard-size", shardSize, Format.safetensors);
        if (type != null && (quantization != null || format == Format.peft)) {
            throw new InputException("--dtype: has no effect with "
                    + (quantization != null ? "--quantize" : "--format peft") + "; leave it out");
        }
        if (format == Format.maven && coordinates == null) {
            throw new InputException("--coordinates: is needed for --format maven, such as org.example:my-model:1.0");
        }
        long size = bytes(shardSize == null ? "5GB" : shardSize);
        Path target = target();
        Path written;
        try (ProgressLine line = common.json ? ProgressLine.silent() : ProgressLine.ofStandardError();
                ModelExport export =
                        ModelExport.open(model, base, (what, done, total) -> line.task(what, done, total, "bytes"))) {
            written = write(export, target, size);
        }
        report(written);
        return ExitStatus.SUCCESS;
    }

    private Path write(ModelExport export, Path target, long size) {
        ElementType element = type == null ? export.storedType() : type.element;
        switch (format) {
            case safetensors -> export.safetensors(target, element, size);
            case gguf ->
                export.gguf(target, quantization != null ? GgufType.Q8_0 : type == null ? GgufType.F16 : type.gguf);
            case peft -> export.peft(target);
            case maven -> {
                return export.maven(target, String.valueOf(coordinates), element);
            }
        }
        return target;
    }

    private void only(String option, @Nullable Object value, Format where) {
        if (value != null && format != where) {
            throw new InputException(option + ": has an effect only with --format " + where + ", but the format is "
                    + format + "; leave it out");
        }
    }

    private Path target() {
        if (out == null) {
            if (format == Format.maven) {
                return ModelArtifact.localRepository();
            }
            throw new InputException("--out: say where to write, such as --out exported");
        }
        if (format == Format.gguf ? Files.exists(out) : format != Format.maven && !isEmpty(out)) {
            throw new InputException("--out: " + out + " is there already; give another place, or delete it");
        }
        return out;
    }

    private static boolean isEmpty(Path folder) {
        if (!Files.isDirectory(folder)) {
            return !Files.exists(folder);
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        } catch (IOException failed) {
            throw new InputException(folder + ": cannot be listed (" + failed + ")", failed);
        }
    }

    /** Units are decimal, as Transformers takes them. */
    static long bytes(String size) {
        Matcher matcher = SIZE.matcher(size);
        long bytes = 0;
        if (matcher.matches()) {
            int power = 1 + UNITS.indexOf(matcher.group(2).toUpperCase(Locale.ROOT));
            bytes = Long.parseLong(matcher.group(1)) * (long) Math.pow(1000, power);
        }
        if (bytes == 0) {
            throw new InputException("--shard-size: must be a size such as 500MB or 5GB, but is \"" + size + "\"");
        }
        return bytes;
    }

    private void report(Path written) {
        long bytes;
        try (Stream<Path> files = Files.walk(written)) {
            bytes = files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException failed) {
            throw new InputException(written + ": cannot be listed (" + failed + ")", failed);
        }
        PrintWriter terminal = spec.commandLine().getOut();
        if (common.json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("format", format.name());
            document.put("out", written.toString());
            document.put("bytes", bytes);
            if (coordinates != null) {
                document.put("reference", "maven:" + coordinates);
            }
            CommonOptions.print(terminal, document);
            return;
        }
        terminal.printf(Locale.ROOT, "%s: %,.1f MB%n", written, bytes / 1e6);
        if (coordinates != null) {
            terminal.println("reference: maven:" + coordinates);
        }
        terminal.flush();
    }
}
