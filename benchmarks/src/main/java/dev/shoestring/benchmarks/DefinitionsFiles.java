package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.data.Example;
import dev.shoestring.data.TextData;
import dev.shoestring.hub.MavenArtifacts;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.ModelFolder;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.Progress;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a bundled classification recipe trains on, as files that other tools read: {@code train.csv}, {@code validation.csv},
 * {@code test.csv} (columns {@code text}, {@code label}), {@code test.txt} (texts alone), and {@code model/}, the model it starts from, in
 * Hugging Face layout.
 *
 * <p>Usage: {@code DefinitionsFiles FOLDER [RECIPE [SEED]]}
 */
public final class DefinitionsFiles {
    private DefinitionsFiles() {}

    /** Writes them. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Recipe recipe = Recipes.load(
                arguments.length > 1 ? arguments[1] : "definitions",
                arguments.length > 2 ? List.of("seed=" + arguments[2]) : List.of());
        if (!(recipe.data().source() instanceof DataSpec.Source.Bundled bundled)
                || !(recipe.model() instanceof ModelSpec.Pretrained pretrained)) {
            throw new IllegalArgumentException(recipe.name() + " brings no data or model of its own");
        }
        Path artifact = MavenArtifacts.resolve(bundled.from().substring("maven:".length()), Progress.silent());
        TextData data = TextData.load(recipe.data(), artifact, recipe.seed());
        table(folder.resolve("train.csv"), data.train(), data.labels());
        table(folder.resolve("validation.csv"), data.validation(), data.labels());
        table(folder.resolve("test.csv"), data.test(), data.labels());
        Files.write(
                folder.resolve("test.txt"),
                data.test().stream().map(Example::text).toList());
        model(pretrained.from(), folder.resolve("model"));
    }

    private static void table(Path file, List<Example> examples, List<String> labels) throws IOException {
        Files.writeString(
                file,
                examples.stream()
                        .map(example -> quoted(example.text()) + "," + quoted(labels.get(example.label())) + "\n")
                        .collect(Collectors.joining("", "text,label\n", "")));
    }

    private static String quoted(String cell) {
        return '"' + cell.replace("\"", "\"\"") + '"';
    }

    private static void model(String reference, Path folder) {
        if (Files.isDirectory(folder)) {
            return;
        }
        try (ModelFiles files = Models.open(reference, Progress.silent())) {
            // An encoder's own checkpoint: a new head is the other tool's to make.
            ObjectNode config = files.config().deepCopy();
            config.putArray("architectures").add("BertModel");
            ModelFolder.write(
                    folder,
                    config,
                    files.tokenizerJson(),
                    files.weights().tensors().values().stream()
                            .map(info -> new Safetensors.TensorData(
                                    info, files.weights().read(info.name())))
                            .toList());
        }
    }
}
