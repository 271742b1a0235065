package dev.shoestring.cli;

import dev.shoestring.data.ImageFiles;
import dev.shoestring.recipe.InputException;
import dev.shoestring.run.ImageClassifier;
import dev.shoestring.run.TextClassifier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring predict}. */
@Command(
        name = "predict",
        description = "Classifies texts with a trained model: arguments, a file's lines, or standard input's lines.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  shoestring predict runs/latest \"a large bird of prey\"",
            "  shoestring predict runs/latest --file texts.txt --json",
            "  cat texts.txt | shoestring predict runs/latest",
            "  shoestring predict runs/latest photo.jpg more-photos/"
        })
final class PredictCommand implements Callable<Integer> {
    private static final int CHUNK = 1024;
    private static final int LONGEST_LINE = 1 << 20;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run folder, runs/latest, or a model folder.")
    private Path run = Path.of("runs/latest");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "TEXT",
            description = "Texts to classify; for a model of images, files and folders.")
    private List<String> texts = new ArrayList<>();

    @Option(names = "--file", paramLabel = "FILE", description = "Classifies each line of this UTF-8 file.")
    private @Nullable Path file;

    @Option(
            names = "--top",
            paramLabel = "N",
            defaultValue = "3",
            description = "Labels shown for each text (default: ${DEFAULT-VALUE}); --json always has all.")
    private int top = 3;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() throws IOException {
        if (file != null && !texts.isEmpty()) {
            throw new InputException("--file: texts were given as arguments too; give one or the other");
        }
        if (top < 1) {
            throw new InputException("--top: must be at least 1, but is " + top);
        }
        PrintWriter out = spec.commandLine().getOut();
        List<Map<String, Object>> documents = new ArrayList<>();
        if (ImageClassifier.in(run)) {
            return images(out, documents);
        }
        try (TextClassifier model = TextClassifier.open(run)) {
            if (!texts.isEmpty()) {
                show(model, texts, out, documents);
            } else if (file != null) {
                try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                    lines(model, reader, file.toString(), out, documents);
                } catch (java.nio.file.NoSuchFileException missing) {
                    throw new InputException(file + ": there is no such file", missing);
                } catch (IOException unreadable) {
                    throw new InputException(
                            file + ": cannot be read (" + unreadable + "); give a text file", unreadable);
                }
            } else {
                lines(model, new InputStreamReader(System.in, strictUtf8()), "standard input", out, documents);
            }
        }
        if (common.json) {
            CommonOptions.print(out, documents);
        }
        out.flush();
        return ExitStatus.SUCCESS;
    }

    private Integer images(PrintWriter out, List<Map<String, Object>> documents) {
        if (file != null || texts.isEmpty()) {
            throw new InputException(
                    "predict: " + run + " is a model of images; give image files or folders as arguments");
        }
        List<Path> files = ImageFiles.expand(texts);
        if (files.isEmpty()) {
            throw new InputException("predict: there are no images in " + texts);
        }
        try (ImageClassifier model = ImageClassifier.open(run)) {
            for (int from = 0; from < files.size(); from += CHUNK) {
                for (TextClassifier.Prediction prediction :
                        model.predict(files.subList(from, Math.min(files.size(), from + CHUNK)))) {
                    if (common.json) {
                        documents.add(document(model.labels(), "image", prediction));
                    } else {
                        out.println(line(model.labels(), prediction));
                    }
                }
                out.flush();
            }
        }
        if (common.json) {
            CommonOptions.print(out, documents);
        }
        return ExitStatus.SUCCESS;
    }

    private static java.nio.charset.CharsetDecoder strictUtf8() {
        return StandardCharsets.UTF_8.newDecoder();
    }

    private void lines(
            TextClassifier model, Reader reader, String source, PrintWriter out, List<Map<String, Object>> documents)
            throws IOException {
        try (BufferedReader lines = new BufferedReader(reader)) {
            List<String> chunk = new ArrayList<>();
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.length() > LONGEST_LINE) {
                    throw new InputException(source + ": line " + number + " has " + line.length()
                            + " characters, more than " + LONGEST_LINE + "; split it");
                }
                chunk.add(line);
                if (chunk.size() == CHUNK) {
                    show(model, chunk, out, documents);
                    chunk.clear();
                }
            }
            show(model, chunk, out, documents);
        } catch (CharacterCodingException notUtf8) {
            throw new InputException(source + ": is not UTF-8; convert it, for example with iconv", notUtf8);
        }
    }

    private void show(TextClassifier model, List<String> chunk, PrintWriter out, List<Map<String, Object>> documents) {
        for (TextClassifier.Prediction prediction : model.predict(chunk)) {
            if (common.json) {
                documents.add(document(model.labels(), "text", prediction));
            } else {
                out.println(line(model.labels(), prediction));
            }
        }
        out.flush();
    }

    private static Map<String, Object> document(
            List<String> labels, String kind, TextClassifier.Prediction prediction) {
        Map<String, Object> probabilities = new LinkedHashMap<>();
        for (int i = 0; i < labels.size(); i++) {
            probabilities.put(labels.get(i), prediction.probabilities().get(i));
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(kind, prediction.text());
        document.put("label", prediction.label());
        document.put("probabilities", probabilities);
        return document;
    }

    private String line(List<String> labels, TextClassifier.Prediction prediction) {
        List<Double> probabilities = prediction.probabilities();
        StringBuilder line = new StringBuilder();
        IntStream.range(0, probabilities.size())
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(probabilities::get).reversed())
                .limit(top)
                .forEach(index -> line.append(line.length() == 0 ? "" : "  ")
                        .append(labels.get(index))
                        .append(String.format(Locale.ROOT, " %.3f", probabilities.get(index))));
        return line + "\t" + prediction.text();
    }
}
