package dev.shoestring.spark;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelReference;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A recipe as the ranks get it: the rows of the Dataset in place of its training data, paths that mean the same in any working folder. */
final class ShippedRecipe {
    /** The file of a rank's rows in its working folder; the same name for all, as they must have the same recipe. */
    static final String ROWS = "dataset.jsonl";

    private ShippedRecipe() {}

    /**
     * Refuses what is not trained on Spark.
     *
     * @throws InputException naming the task
     */
    static void requireTask(Recipe recipe) {
        if (recipe.task() != Task.TEXT_CLASSIFICATION) {
            throw new InputException("task: " + recipe.task().key() + " is not trained on Spark; valid: "
                    + Task.TEXT_CLASSIFICATION.key() + "; \"shoestring launch\" trains it on several machines");
        }
    }

    static Recipe of(Recipe recipe, DatasetColumns columns) {
        DataSpec data = recipe.data();
        return recipe.withModel(model(recipe.model()))
                .withDistill(distill(recipe.distill()))
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
        return model;
    }

    private static @Nullable DistillSpec distill(@Nullable DistillSpec distill) {
        return distill == null
                ? null
                : new DistillSpec(
                        Path.of(distill.teacher()).toAbsolutePath().toString(),
                        distill.temperature(),
                        distill.hardWeight(),
                        distill.hiddenWeight(),
                        distill.unlabelled(),
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
