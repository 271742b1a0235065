package dev.shoestring.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ParameterGroupsTest {
    private static final List<String> NAMES = List.of(
            "bert.embeddings.word_embeddings.weight",
            "bert.encoder.layer.0.attention.self.query.weight",
            "bert.encoder.layer.0.attention.self.query.bias",
            "bert.encoder.layer.0.output.LayerNorm.weight",
            "bert.pooler.dense.weight",
            "distill.projection.weight",
            "classifier.weight");

    @Test
    void muonIsOfTheMatricesOfTheLayersAlone() {
        OptimizerSpec spec =
                Recipes.load("definitions", List.of("optimizer.kind=muon")).optimizer();
        try (TensorScope scope = TensorScope.open()) {
            Map<String, Tensor> trainable = new LinkedHashMap<>();
            NAMES.forEach(name -> trainable.put(
                    name,
                    name.endsWith("bias") || name.contains("Norm")
                            ? Tensor.zeros(DType.FLOAT32, 4)
                            : Tensor.zeros(DType.FLOAT32, 4, 4)));
            try (Optimizer optimizer = ParameterGroups.optimizer(trainable, spec, Shards.WHOLE)) {
                assertThat(optimizer.parameters()).hasSameSizeAs(NAMES);
                assertThat(optimizer.state().keySet().stream().filter(name -> name.contains("momentum.")))
                        .containsExactly("optimizer.momentum.bert.encoder.layer.0.attention.self.query.weight");
            }
        }
    }

    @Test
    void itsRatesAreMuonsUnlessOthersAreGiven() {
        OptimizerSpec given =
                Recipes.load("definitions", List.of("optimizer.kind=muon")).optimizer();
        assertThat(given.lr()).isEqualTo(2e-4);
        String bare = """
                task: text-classification
                model: {from: somewhere}
                data: {train: t.csv, text: a, label: b}
                optimizer: {kind: muon}
                """;
        Recipe recipe = Recipes.parse("bare", bare, List.of());
        OptimizerSpec spec = recipe.optimizer();
        assertThat(List.of(spec.lr(), spec.headLr(), spec.momentum())).containsExactly(5e-3, 2e-4, 0.95);
        assertThat(Recipes.parse("again", RecipeYaml.write(recipe), List.of()).optimizer())
                .isEqualTo(spec);
    }
}
