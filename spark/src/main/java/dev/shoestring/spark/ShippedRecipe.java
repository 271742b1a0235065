package dev.shoestring.spark;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.LanguageSpec;
import dev.shoestring.recipe.ModelReference;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A recipe as the ranks get it: the rows of the Dataset in place of its training data, paths that mean the same in any working folder. */
final class ShippedRecipe {
    /** The file of a rank's rows in its working folder; the same name for all, as they must have the same recipe. */
    static final String ROWS = "dataset.jsonl";

    private static final List<Task> TASKS = List.of(Task.TEXT_CLASSIFICATION, Task.LANGUAGE_MODEL, Task.CHAT);

    private ShippedRecipe() {}

    /**
     * Refuses what is not trained on Spark.
     *
     * @throws InputException naming the task
     */
    static void requireTask(Recipe recipe) {
        if (!TASKS.contains(recipe.task())) {
            throw new InputException("task: " + recipe.task().key() + " is not trained on Spark; valid: "
                    + TASKS.stream().map(Task::key).collect(Collectors.joining(", "))
                    + "; \"shoestring launch\" trains it on several machines");
        }
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained
                && ModelReference.parse("model.from", pretrained.from()) instanceof ModelReference.Trained first) {
            throw new InputException("model.from: " + first + " is another run, which Spark does not train first; train"
                    + " it, and give the folder of its model");
        }
    }

    static Recipe of(Recipe recipe, DatasetColumns columns) {
        DataSpec data = recipe.data();
        return recipe.withModel(model(recipe.model()))
                .withDistill(distill(recipe.distill()))
                .withLanguage(language(recipe.language()))
                .withData(new DataSpec(
                        new DataSpec.Source.File(ROWS),
                        columns.text(),
                        columns.label(),
                        split(data.validation()),
                        split(data.test()),
                        data.trainExamples(),
                        data.maxTokens()));
    }

    private static ModelSpec model(ModelSpec model) {
        if (model instanceof ModelSpec.Pretrained pretrained) {
            return new ModelSpec.Pretrained(reference(pretrained.from()));
        }
        if (model instanceof ModelSpec.FreshBert bert) {
            return new ModelSpec.FreshBert(
                    reference(bert.tokenizer()),
                    bert.layers(),
                    bert.hiddenSize(),
                    bert.numHeads(),
                    bert.intermediateSize());
        }
        if (model instanceof ModelSpec.FreshDecoder decoder) {
            @Nullable String tokenizer = decoder.tokenizer();
            return tokenizer == null ? decoder : decoder.withTokenizer(reference(tokenizer));
        }
        if (model instanceof ModelSpec.Budgeted budgeted) {
            return new ModelSpec.Budgeted(model(budgeted.kind()), budgeted.budget());
        }
        return model;
    }

    /** Further texts of a corpus, which must be there on each executor; {@code maven:} is fetched there. */
    private static LanguageSpec language(LanguageSpec language) {
        return new LanguageSpec(
                language.sequenceLength(),
                language.unit(),
                language.extensions(),
                language.more().stream()
                        .map(place -> place.startsWith("maven:")
                                ? place
                                : Path.of(place).toAbsolutePath().toString())
                        .toList(),
                language.form(),
                language.zLoss(),
                language.lengthWarmup(),
                language.neftune(),
                language.preference(),
                language.memory());
    }

    private static @Nullable DistillSpec distill(@Nullable DistillSpec distill) {
        return distill == null
                ? null
                : distill.withPlaces(
                        Path.of(distill.teacher()).toAbsolutePath().toString(),
                        distill.scores() == null
                                ? null
                                : Path.of(distill.scores()).toAbsolutePath().toString());
    }

    private static String reference(String from) {
        return ModelReference.parse("model.from", from) instanceof ModelReference.Folder folder
                ? Path.of(folder.path()).toAbsolutePath().toString()
                : from;
    }

    private static DataSpec.Split split(DataSpec.Split split) {
        return split instanceof DataSpec.Split.File file
                ? new DataSpec.Split.File(Path.of(file.path()).toAbsolutePath().toString())
                : split;
    }
}
