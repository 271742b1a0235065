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
    /** Key of starting from pre-trained weights. */
    static final String PRETRAINED = "pretrained";

    /** Key of a slim network. */
    static final String SLIM = "slim";

    /** The techniques of a recipe, in the order in which the ladder adds them to the plain baseline. */
    static List<Technique> of(Recipe recipe, EncoderShape shape) {
        List<Technique> techniques = new ArrayList<>();
        boolean head = recipe.adapt() instanceof AdaptSpec.Head;
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained) {
            techniques.add(new Technique(PRETRAINED, "pre-trained weights", whole -> fresh(whole, pretrained, shape)));
        }
        if (Trainer.arithmetic(recipe.precision()) == Arithmetic.BF16) {
            techniques.add(new Technique("bf16", "bf16 mixed precision", whole -> whole.withPrecision(Precision.FP32)));
        }
        if (recipe.batch().byLength() && !head) {
            techniques.add(new Technique("by-length", "batches of similar length", whole -> {
                BatchSpec batch = whole.batch();
                return whole.withBatch(new BatchSpec(batch.global(), batch.micro(), false));
            }));
        }
        if (recipe.adapt() instanceof AdaptSpec.Full full && full.freezeWordEmbeddings()) {
            techniques.add(new Technique(
                    "frozen", "frozen word embeddings", whole -> whole.withAdapt(new AdaptSpec.Full(false))));
        }
        if (head) {
            techniques.add(new Technique(
                    "head", "head alone on cached features", whole -> whole.withAdapt(new AdaptSpec.Full(false))));
        }
        if (!recipe.augment().isEmpty()) {
            techniques.add(new Technique("augment", "augmentation", whole -> whole.withAugment(List.of())));
        }
        return techniques;
    }

    /** Random embeddings have to be trained. */
    private static Recipe fresh(Recipe whole, ModelSpec.Pretrained pretrained, EncoderShape shape) {
        ModelSpec.FreshBert model = new ModelSpec.FreshBert(
                pretrained.from(), shape.layers(), shape.hiddenSize(), shape.numHeads(), shape.intermediateSize());
        return whole.withAdapt(new AdaptSpec.Full(false)).withModel(model);
    }
}
