package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.train.Arithmetic;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was chosen on one machine holds on every other, and when the run goes on. */
final class MemoryPlanTest {
    private static final long LARGE = 1L << 40;
    private static final String SIZES =
            "model={fresh: llama, vocabulary: 512, layers: 4, hidden_size: 256, num_heads: 4,"
                    + " intermediate_size: 704}";

    private static Recipe recipe(String change, long limit) {
        String text =
                "name: tiny\ntask: language-model\ndata: {train: text.txt, validation: 0.1, sequence_length: 64}\n";
        Recipe recipe = Recipes.parse("tiny", text, List.of(SIZES, change));
        return recipe.withLanguage(
                recipe.language().withMemory(recipe.language().memory().withLimit(limit)));
    }

    private static MemoryPlan plan(Recipe recipe, Arithmetic arithmetic) {
        DecoderConfig config = LanguageInputs.fresh((ModelSpec.FreshDecoder) recipe.model(), 512, 64);
        return MemoryPlan.of(recipe, config, arithmetic, LanguageJobs.trained(recipe, config));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            BF16 | seed=1
            FP32 | seed=1
            BF16 | optimizer={kind: muon, lr: 0.01}
            BF16 | memory={optimizer: int8}
            """)
    void whatWasChosenWithLittleRoomIsTakenWithMuch(Arithmetic arithmetic, String change) {
        Recipe tight = recipe(change, 1);
        MemoryPlan chosen = plan(tight, arithmetic);
        MemorySpec measures = chosen.measures(tight);
        Recipe elsewhere = recipe(change, LARGE);
        assertThat(plan(elsewhere, arithmetic)).isNotEqualTo(chosen);
        Recipe settled = elsewhere.withLanguage(elsewhere.language().withMemory(measures.withLimit(LARGE)));
        assertThat(plan(settled, arithmetic)).isEqualTo(chosen);
    }

    @ParameterizedTest
    @CsvSource({"1", "1000000000000"})
    void aCheckpointSaysIt(long limit) {
        Recipe recipe = recipe("seed=1", limit);
        MemorySpec measures = plan(recipe, Arithmetic.BF16).measures(recipe);
        ObjectMapper json = new ObjectMapper();
        assertThat(Checkpointer.measures(json.createObjectNode().set("memory", json.valueToTree(measures))))
                .contains(measures);
        assertThat(Checkpointer.measures(json.createObjectNode())).isEmpty();
    }
}
