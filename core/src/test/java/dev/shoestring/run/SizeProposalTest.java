package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.RealModel;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.recipe.Recipes;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SizeProposalTest {
    private static Recipe texts(String budget) {
        return Recipes.parse(
                "tickets",
                "{model: {fresh: bert, tokenizer: \"" + RealModel.REFERENCE + "\", budget: {" + budget
                        + "}}, data: {train: t.csv, max_tokens: 64}}",
                List.of());
    }

    private static Recipe language(String budget) {
        return Recipes.parse(
                "stories",
                "{task: language-model, model: {fresh: llama, vocabulary: 512, budget: {" + budget
                        + "}}, data: {train: t.txt, sequence_length: 128}}",
                List.of());
    }

    private static SizeProposal proposal(Recipe recipe) {
        return SizeProposal.of(recipe, (ModelSpec.Budgeted) recipe.model());
    }

    @Test
    void parametersCountTheVocabulary() {
        ModelSpec.FreshBert bert =
                (ModelSpec.FreshBert) proposal(texts("parameters: 8 M")).model();
        long rows = 30_522L * bert.hiddenSize();
        long layers = 12L * bert.layers() * bert.hiddenSize() * bert.hiddenSize();
        assertThat(rows + layers).isBetween(6_000_000L, 8_000_000L);
        assertThat(bert.hiddenSize() % bert.numHeads()).isZero();
    }

    @Test
    void allLimitsHold() {
        ModelSpec.FreshBert free =
                (ModelSpec.FreshBert) proposal(texts("parameters: 20 M")).model();
        SizeProposal both = proposal(texts("parameters: 20 M, flops: 60 MFLOP"));
        ModelSpec.FreshBert tight = (ModelSpec.FreshBert) both.model();
        // Two operations for each number of a layer and token.
        double flops = 2.0 * 64 * 12 * tight.layers() * tight.hiddenSize() * tight.hiddenSize();
        assertThat(flops).isBetween(25e6, 90e6);
        assertThat((double) tight.layers() * tight.hiddenSize() * tight.hiddenSize())
                .isLessThan((double) free.layers() * free.hiddenSize() * free.hiddenSize());
        assertThat(both.why()).contains("layers", "MFLOP a text of 64 tokens", "arXiv 2006.12467");
    }

    @Test
    void aLatencyIsMeasured() {
        assertThat(proposal(texts("latency: 5 ms")).why()).contains("ms measured on this machine");
    }

    @Test
    void aDecoderOfFiveMillion() {
        SizeProposal proposal = proposal(language("parameters: 5 M"));
        ModelSpec.FreshDecoder decoder = (ModelSpec.FreshDecoder) proposal.model();
        assertThat(LanguageInputs.fresh(decoder, 515, 128).parameters()).isBetween(4_000_000L, 5_000_000L);
        assertThat(decoder.layers()).isBetween(4, 8);
        assertThat(decoder.vocabulary()).isEqualTo(512);
    }

    @Test
    void theSettledRecipeNamesItsSizes() {
        Recipe settled = SizeProposal.settled(language("flops: 2 MFLOP"), RunListener.silent());
        assertThat(RecipeYaml.write(settled)).contains("hidden_size:").doesNotContain("budget: {flops");
        assertThat(SizeProposal.sized(settled.model(), SizeProposal.sizes(settled.model())))
                .isEqualTo(settled.model());
    }

    @Test
    void whatIsTooSmallIsSaid() {
        Recipe recipe = texts("parameters: 500 k");
        assertThatThrownBy(() -> proposal(recipe))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("model.budget: even 2 layers 32 wide are larger: 1.0")
                .hasMessageContaining("of them rows of the vocabulary");
    }
}
