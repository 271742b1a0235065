package dev.shoestring.run;

import dev.shoestring.cost.EncoderShape;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.BatchSpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Precision;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.train.Arithmetic;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A technique that a recipe uses and that can be left out.
 *
 * @param key short name, for files
 * @param title name in words
 * @param without the recipe without it
 */
record Technique(String key, String title, UnaryOperator<Recipe> without) {
    /** The techniques of a recipe, in the order in which the ladder adds them to the plain baseline. */
    static List<Technique> of(Recipe recipe, EncoderShape shape) {
        List<Technique> techniques = new ArrayList<>();
        boolean head = recipe.adapt() instanceof AdaptSpec.Head;
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained && !head) {
            techniques.add(
                    new Technique("pretrained", "pre-trained weights", whole -> fresh(whole, pretrained, shape)));
        }
        if (Trainer.arithmetic(recipe.precision()) == Arithmetic.BF16) {
            techniques.add(new Technique(
                    "bf16", "bf16 mixed precision", whole -> new Change(whole).precision(Precision.FP32)));
        }
        if (recipe.batch().byLength() && !head) {
            techniques.add(new Technique("by-length", "batches of similar length", whole -> {
                BatchSpec batch = whole.batch();
                return new Change(whole).batch(new BatchSpec(batch.global(), batch.micro(), false));
            }));
        }
        if (recipe.adapt() instanceof AdaptSpec.Full full && full.freezeWordEmbeddings()) {
            techniques.add(new Technique(
                    "frozen", "frozen word embeddings", whole -> new Change(whole).adapt(new AdaptSpec.Full(false))));
        }
        if (head) {
            techniques.add(new Technique("head", "head alone on cached features", whole -> new Change(whole)
                    .adapt(new AdaptSpec.Full(false))));
        }
        if (!recipe.augment().isEmpty()) {
            techniques.add(new Technique("augment", "augmentation", whole -> new Change(whole).plainText()));
        }
        return techniques;
    }

    /** Random embeddings have to be trained. */
    private static Recipe fresh(Recipe whole, ModelSpec.Pretrained pretrained, EncoderShape shape) {
        ModelSpec.FreshBert model = new ModelSpec.FreshBert(
                pretrained.from(), shape.layers(), shape.hiddenSize(), shape.numHeads(), shape.intermediateSize());
        return new Change(new Change(whole).adapt(new AdaptSpec.Full(false))).model(model);
    }

    /** A recipe with one part exchanged. */
    record Change(Recipe recipe) {
        Recipe model(ModelSpec model) {
            return copy(model, recipe.adapt(), recipe.augment(), recipe.precision(), recipe.batch());
        }

        Recipe adapt(AdaptSpec adapt) {
            return copy(recipe.model(), adapt, recipe.augment(), recipe.precision(), recipe.batch());
        }

        Recipe plainText() {
            return copy(recipe.model(), recipe.adapt(), List.of(), recipe.precision(), recipe.batch());
        }

        Recipe precision(Precision precision) {
            return copy(recipe.model(), recipe.adapt(), recipe.augment(), precision, recipe.batch());
        }

        Recipe batch(BatchSpec batch) {
            return copy(recipe.model(), recipe.adapt(), recipe.augment(), recipe.precision(), batch);
        }

        private Recipe copy(
                ModelSpec model,
                AdaptSpec adapt,
                List<dev.shoestring.recipe.AugmentSpec> augment,
                Precision precision,
                BatchSpec batch) {
            return new Recipe(
                    recipe.name(),
                    recipe.task(),
                    model,
                    recipe.data(),
                    adapt,
                    augment,
                    precision,
                    batch,
                    recipe.optimizer(),
                    recipe.schedule(),
                    recipe.stop(),
                    recipe.dropout(),
                    recipe.labelSmoothing(),
                    recipe.baseline(),
                    recipe.seed());
        }
    }
}
