package dev.shoestring.run;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;

/** The families of networks that can be made smaller. */
final class ShrinkFamilies {
    private ShrinkFamilies() {}

    /**
     * Demands that a recipe's model is of one of them, and that its data can judge candidates.
     *
     * @throws InputException if not
     */
    static void require(Recipe recipe) {
        if (recipe.task() != Task.TEXT_CLASSIFICATION || recipe.model() instanceof ModelSpec.FreshBagOfWords) {
            String what = recipe.model() instanceof ModelSpec.FreshBagOfWords
                    ? "a bag of words, which has no layers"
                    : "a model of task " + recipe.task().key();
            throw new InputException("shrink: " + recipe.name() + " trains " + what
                    + "; this version shrinks classifiers of texts of the BERT family");
        }
        if (recipe.data().validation() instanceof DataSpec.Split.Fraction fraction && fraction.share() == 0) {
            throw new InputException("shrink: " + recipe.name()
                    + " has no validation split, by which candidates are judged; set data.validation");
        }
    }

    /**
     * Opens the original.
     *
     * @param inputs what the recipe reads
     * @throws InputException if it is not what the recipe trains
     */
    static Shrinkable open(ShrinkSetup setup, Inputs inputs) {
        return switch (setup.recipe().task()) {
            case TEXT_CLASSIFICATION -> BertShrinking.open(setup, (TextInputs) inputs);
            case IMAGE_CLASSIFICATION, LANGUAGE_MODEL, CHAT, PREFERENCE ->
                throw new IllegalStateException(
                        "refused before: " + setup.recipe().task());
        };
    }
}
