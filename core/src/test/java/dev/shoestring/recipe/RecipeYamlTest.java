package dev.shoestring.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written is read back equal. */
final class RecipeYamlTest {
    private static final int RECIPES = 2000;

    static List<String> bundledNames() {
        return Recipes.bundledNames();
    }

    @ParameterizedTest
    @MethodSource
    void bundledNames(String name) {
        Recipe recipe = Recipes.load(name, List.of());
        assertThat(Recipes.parse("other", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void writesEveryValue() {
        assertThat(RecipeYaml.write(Recipes.load("definitions", List.of())))
                .contains("micro: 32", "beta1: 0.9", "eps: 1.0E-8", "seed: 1", "max_tokens: 64");
    }

    @Test
    void preferenceTuningComesBackEqual() {
        Recipe recipe = Recipes.parse(
                "pairs",
                "{task: preference, model: {from: folder}, data: {train: pairs.jsonl}, stop: {metric: accuracy},"
                        + " preference: {beta: 0.3, label_smoothing: 0.1, sft_weight: 2}}",
                List.of());
        assertThat(recipe.language().preference()).isEqualTo(new PreferenceSpec(0.3, 0.1, 2));
        assertThat(Recipes.parse("pairs", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void distillationOfALanguageModelComesBackEqual() {
        Recipe recipe = Recipes.load(
                "glossary-base", List.of("distill={teacher: runs/latest, temperature: 2, scores: a.st, top_k: 9}"));
        assertThat(recipe.distill()).isEqualTo(DistillSpec.ofTokens("runs/latest", 2, 0.1, "a.st", 9));
        assertThat(Recipes.parse("other", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void aSizeBudgetComesBackEqual() {
        Recipe recipe = Recipes.parse(
                "small",
                "{model: {fresh: bert, tokenizer: folder, budget: {parameters: 5.5 M, flops: 0.1 GFLOP, latency: 2 ms}},"
                        + " data: {train: t.csv}}",
                List.of());
        assertThat(((ModelSpec.Budgeted) recipe.model()).budget()).isEqualTo(new SizeBudget(5.5e6, 1e8, 2e-3));
        assertThat(Recipes.parse("small", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void distillationComesBackEqual() {
        Recipe recipe = Recipes.load(
                "definitions",
                List.of(
                        "distill={teacher: runs/latest, temperature: 3, hidden_weight: 0, unlabelled: 500, scores: a.st}"));
        assertThat(recipe.distill()).isEqualTo(new DistillSpec("runs/latest", 3, 0.1, 0, 500, "a.st"));
        assertThat(Recipes.parse("other", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void hiddenStatesOfALanguageModelComeBackEqual() {
        Recipe recipe = Recipes.parse(
                "taught",
                "{task: language-model, model: {fresh: llama, vocabulary: 256}, data: {train: t.txt},"
                        + " distill: {teacher: runs/latest, hidden_weight: 2}}",
                List.of());
        assertThat(recipe.distill())
                .isEqualTo(DistillSpec.ofTokens("runs/latest", 1, 0.1, null, 0).withHiddenWeight(2));
        assertThat(Recipes.parse("other", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void attentionRelationsComeBackEqual() {
        Recipe recipe = Recipes.load(
                "definitions",
                List.of("distill={teacher: runs/latest, relations_weight: 2, relation_heads: 6, relation_layer: 4}"));
        assertThat(recipe.distill())
                .isEqualTo(new DistillSpec("runs/latest", 2, 0.1, 1, 0, null)
                        .withRelations(new DistillSpec.Relations(2, 6, 4)));
        assertThat(Recipes.parse("other", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void theWayOfSeveralProcessesComesBackEqual() {
        Recipe recipe = Recipes.parse(
                "far",
                "{task: language-model, model: {fresh: llama, vocabulary: 256}, data: {train: t.txt},"
                        + " distributed: {compress: bf16, local_steps: 50, outer_lr: 0.5, outer_momentum: 0.8, fragments: 3}}",
                List.of());
        assertThat(recipe.distributed())
                .isEqualTo(new DistributedSpec(true, DistributedSpec.Shard.NONE, 50, 0.5, 0.8, 3));
        assertThat(Recipes.parse("far", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void aSharedOptimizerComesBackEqual() {
        Recipe recipe = Recipes.parse(
                "near",
                "{task: language-model, model: {fresh: llama, vocabulary: 256}, data: {train: t.txt},"
                        + " distributed: {shard: optimizer}}",
                List.of());
        assertThat(recipe.distributed().sharded()).isTrue();
        assertThat(Recipes.parse("near", RecipeYaml.write(recipe), List.of())).isEqualTo(recipe);
    }

    @Test
    void manyRecipesComeBackEqual() {
        Random random = new Random(1);
        for (int i = 0; i < RECIPES; i++) {
            Recipe recipe = recipe(random);
            String yaml = RecipeYaml.write(recipe);
            assertThat(Recipes.parse("other", yaml, List.of())).as(yaml).isEqualTo(recipe);
        }
    }

    private static Recipe recipe(Random random) {
        ModelSpec model =
                switch (random.nextInt(3)) {
                    case 0 -> new ModelSpec.Pretrained("hf:org/name");
                    case 1 -> new ModelSpec.FreshBert("maven:g:a:1", 1 + random.nextInt(12), 48, 4, 64);
                    default -> new ModelSpec.FreshBagOfWords(1 << (8 + random.nextInt(10)));
                };
        if (model instanceof ModelSpec.FreshBagOfWords) {
            Recipe base = Recipes.load("definitions-words", List.of());
            return with(
                    base, model, data(random, 64), base.adapt(), base.augment(), base.optimizer(), stopOfWords(random));
        }
        boolean head = random.nextBoolean();
        Recipe base = Recipes.load("definitions", List.of());
        double lr = head ? 2e-4 : random.nextDouble();
        OptimizerSpec optimizer = new OptimizerSpec(
                lr,
                Math.scalb(1 + random.nextDouble(), -1 - random.nextInt(60)),
                random.nextDouble(),
                random.nextDouble(),
                0,
                1e-12,
                1e6 * random.nextDouble());
        return with(
                base,
                model,
                data(random, 4 + random.nextInt(509)),
                head ? new AdaptSpec.Head() : new AdaptSpec.Full(random.nextBoolean()),
                head ? List.of() : augment(random),
                optimizer,
                stop(random));
    }

    private static Recipe with(
            Recipe base,
            ModelSpec model,
            DataSpec data,
            AdaptSpec adapt,
            List<AugmentSpec> augment,
            OptimizerSpec optimizer,
            StopSpec stop) {
        return base.withModel(model)
                .withData(data)
                .withAdapt(adapt)
                .withAugment(augment)
                .withOptimizer(optimizer)
                .withStop(stop);
    }

    private static DataSpec data(Random random, int maxTokens) {
        Integer examples = random.nextBoolean() ? Integer.valueOf(1 + random.nextInt(1000)) : null;
        if (random.nextInt(4) == 0) {
            DataSpec.Split tenth = new DataSpec.Split.Fraction(0.1);
            DataSpec.Source bundled = new DataSpec.Source.Bundled("maven:g:a:1", "wordnet-definitions");
            return new DataSpec(bundled, null, null, tenth, tenth, examples, maxTokens);
        }
        DataSpec.Source source =
                random.nextBoolean() ? new DataSpec.Source.File(text(random)) : new DataSpec.Source.Query(text(random));
        return new DataSpec(
                source,
                column(random),
                column(random),
                new DataSpec.Split.Fraction(0.5 - random.nextDouble() / 4),
                random.nextBoolean() ? new DataSpec.Split.Fraction(0) : new DataSpec.Split.File(text(random)),
                examples,
                maxTokens);
    }

    private static @Nullable String column(Random random) {
        return random.nextBoolean() ? text(random) : null;
    }

    /** Texts that YAML could take for something else. */
    private static String text(Random random) {
        List<String> texts = List.of(
                "null",
                "true",
                "yes",
                "~",
                "1e5",
                "0x1F",
                "1:30",
                "2024-01-01",
                "- a",
                "a: b",
                "a #b",
                "*a",
                "&a",
                "!t",
                "'q'",
                "\"q\"",
                "{a}",
                "[a]",
                " a ",
                "a\nb\n",
                "\ta",
                "é☃😀",
                "C:\\x",
                "%x",
                "@x",
                "a\u0000b",
                "\uFEFFa",
                "select *\nfrom 't.csv'\n\twhere x = \"y\" -- " + "long ".repeat(100));
        return texts.get(random.nextInt(texts.size()));
    }

    private static List<AugmentSpec> augment(Random random) {
        List<AugmentSpec> specs = new ArrayList<>();
        if (random.nextBoolean()) {
            specs.add(new AugmentSpec.JoinSameLabel(0.3));
        }
        if (random.nextBoolean()) {
            specs.add(new AugmentSpec.Synonyms(1e-9));
        }
        if (random.nextBoolean()) {
            specs.add(new AugmentSpec.TokenDropout(Math.nextDown(1.0)));
        }
        return specs;
    }

    private static StopSpec stopOfWords(Random random) {
        return new StopSpec(
                StopSpec.Metric.MACRO_F1,
                random.nextBoolean() ? Double.valueOf(0.7) : null,
                null,
                1,
                StopSpec.Budget.NONE);
    }

    private static StopSpec stop(Random random) {
        StopSpec.Metric[] metrics = StopSpec.Metric.values();
        Duration time = random.nextBoolean() ? Duration.ofMillis(1 + random.nextInt(Integer.MAX_VALUE)) : null;
        Double money = random.nextBoolean() ? Double.valueOf(0.01 * (1 + random.nextInt(100_000))) : null;
        return new StopSpec(
                metrics[random.nextInt(metrics.length)],
                random.nextBoolean() ? Double.valueOf(1) : null,
                random.nextBoolean() ? Integer.valueOf(3) : null,
                0.25,
                new StopSpec.Budget(time, money, money == null ? "USD" : "EUR", null, null));
    }
}
