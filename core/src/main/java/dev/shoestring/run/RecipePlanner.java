package dev.shoestring.run;

import dev.shoestring.plan.Hardware;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import org.jspecify.annotations.Nullable;

/** Predicts what a recipe's run will take. */
public final class RecipePlanner {
    private RecipePlanner() {}

    /**
     * Predicts a run.
     *
     * @param hardware hardware of the catalogue; null means this machine
     * @throws InputException if recipes of this task are not planned
     */
    public static RecipePlan plan(Recipe recipe, @Nullable Hardware hardware) {
        if (recipe.model() instanceof ModelSpec.Budgeted budgeted) {
            SizeProposal proposal = SizeProposal.of(recipe, budgeted);
            return sized(recipe.withModel(proposal.model()), hardware).noting(proposal.why());
        }
        return sized(recipe, hardware);
    }

    private static RecipePlan sized(Recipe recipe, @Nullable Hardware hardware) {
        return switch (recipe.task()) {
            case TEXT_CLASSIFICATION -> ClassifierPlanner.plan(recipe, hardware);
            case IMAGE_CLASSIFICATION -> ImagePlanner.plan(recipe, hardware);
            case LANGUAGE_MODEL, CHAT -> LanguagePlanner.plan(recipe, hardware);
            case PREFERENCE ->
                throw new InputException("plan: recipes of " + recipe.task().key()
                        + " are not planned yet; give the model's config.json with --tokens");
        };
    }
}
