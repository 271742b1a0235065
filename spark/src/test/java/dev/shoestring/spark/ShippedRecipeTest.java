package dev.shoestring.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.recipe.Recipes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ShippedRecipeTest {
    private static final DatasetColumns COLUMNS = new DatasetColumns("body", "topic");

    @Test
    void theRowsTakeThePlaceOfTheDataAndPathsHoldAnywhere() {
        Recipe recipe = SparkTrainer.recipe("definitions", "model.from=models/mine", "data.validation=held.csv");
        Recipe shipped = ShippedRecipe.of(recipe, COLUMNS);
        assertThat(shipped.data().source()).isEqualTo(new DataSpec.Source.File("dataset.jsonl"));
        assertThat(shipped.data().input()).isEqualTo("body");
        assertThat(shipped.data().label()).isEqualTo("topic");
        assertThat(shipped.data().validation())
                .isEqualTo(new DataSpec.Split.File(
                        Path.of("held.csv").toAbsolutePath().toString()));
        assertThat(shipped.model())
                .isEqualTo(new ModelSpec.Pretrained(
                        Path.of("models/mine").toAbsolutePath().toString()));
        assertThat(Recipes.parse("shipped", RecipeYaml.write(shipped), List.of()))
                .isEqualTo(shipped);
    }

    @Test
    void whatIsNoFolderStaysAsItIs() {
        Recipe recipe = SparkTrainer.recipe("definitions");
        assertThat(ShippedRecipe.of(recipe, COLUMNS).model()).isEqualTo(recipe.model());
    }

    @Test
    void aDecodersPathsHoldAnywhereToo() {
        Recipe recipe = SparkTrainer.recipe(
                "glossary-base",
                "model.vocabulary=",
                "model.tokenizer=tokenizers/mine",
                "data.more=[more.txt,\"maven:a:b:1:sources\"]");
        Recipe shipped = ShippedRecipe.of(recipe, new DatasetColumns("text", null));
        assertThat(((ModelSpec.FreshDecoder) shipped.model()).tokenizer())
                .isEqualTo(Path.of("tokenizers/mine").toAbsolutePath().toString());
        assertThat(shipped.language().more())
                .containsExactly(Path.of("more.txt").toAbsolutePath().toString(), "maven:a:b:1:sources");
        assertThat(Recipes.parse("shipped", RecipeYaml.write(shipped), List.of()))
                .isEqualTo(shipped);
    }

    @Test
    void anotherRunFirstIsRefused() {
        assertThatThrownBy(() -> ShippedRecipe.requireTask(Recipes.load("glossary", List.of())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recipe:glossary-base is another run");
    }

    @Test
    void otherTasksAreRefused() {
        assertThatThrownBy(() -> ShippedRecipe.requireTask(Recipes.load("fashion", List.of())))
                .isInstanceOf(InputException.class)
                .hasMessage("task: image-classification is not trained on Spark; valid: text-classification,"
                        + " language-model, chat; \"shoestring launch\" trains it on several machines");
    }

    @Test
    void ranksAreCounted() {
        assertThatThrownBy(() -> SparkTrainer.withRanks(0))
                .isInstanceOf(InputException.class)
                .hasMessage("ranks: must be from 1 to 4096, but is 0");
    }
}
