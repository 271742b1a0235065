package dev.shoestring.run;

import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.ImageSpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Precision;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.train.Arithmetic;
import java.util.ArrayList;
import java.util.List;

/**
 * The techniques of a recipe of images, in the order in which the ladder adds them to the plain baseline: a ResNet-18 from random weights, in
 * fp32, by SGD with Nesterov's momentum, without augmentation.
 */
final class ImageTechniques {
    private static final String PLAIN_NETWORK = "resnet18";
    /** What torchvision's reference training takes for a batch of 256, and its momentum. */
    private static final OptimizerSpec PLAIN_OPTIMIZER =
            new OptimizerSpec(OptimizerSpec.Kind.SGD, 0.1, 0.1, 5e-4, 0.9, 0.999, 1e-8, 0.9, 0);

    private ImageTechniques() {}

    static List<Technique> of(Recipe recipe) {
        List<Technique> techniques = new ArrayList<>();
        if (recipe.model() instanceof ModelSpec.FreshImageNetwork fresh
                && !fresh.architecture().equals(PLAIN_NETWORK)) {
            techniques.add(new Technique(Technique.SLIM, "slim network", whole -> withPlainNetwork(whole)));
        }
        if (recipe.model() instanceof ModelSpec.Pretrained) {
            techniques.add(new Technique(
                    Technique.PRETRAINED,
                    "pre-trained weights",
                    whole -> withPlainNetwork(whole.withAdapt(new AdaptSpec.Full(false)))));
        }
        if (Trainer.arithmetic(recipe.precision()) == Arithmetic.BF16) {
            techniques.add(new Technique("bf16", "bf16 mixed precision", whole -> whole.withPrecision(Precision.FP32)));
        }
        if (recipe.optimizer().kind() == OptimizerSpec.Kind.MUON) {
            techniques.add(new Technique("muon", "Muon", whole -> whole.withOptimizer(PLAIN_OPTIMIZER)));
        }
        if (!recipe.augment().isEmpty()) {
            techniques.add(new Technique("augment", "augmentation", whole -> whole.withAugment(List.of())));
        }
        if (recipe.labelSmoothing() > 0) {
            techniques.add(new Technique("smoothing", "label smoothing", whole -> whole.withLabelSmoothing(0)));
        }
        ImageSpec images = recipe.images();
        if (images.progressive() != null) {
            techniques.add(new Technique(
                    "progressive",
                    "progressive resizing",
                    whole -> whole.withImages(whole.images().withoutProgressive())));
        }
        if (images.selectiveBackprop() < 1) {
            techniques.add(new Technique(
                    "selective",
                    "selective backprop",
                    whole -> whole.withImages(whole.images().withoutSelection())));
        }
        if (images.ema() > 0) {
            techniques.add(new Technique(
                    "average",
                    "average of the weights",
                    whole -> whole.withImages(whole.images().withoutAverage())));
        }
        if (images.testTimeAugmentation()) {
            techniques.add(new Technique(
                    "views",
                    "test-time augmentation",
                    whole -> whole.withImages(whole.images().withoutViews())));
        }
        if (recipe.adapt() instanceof AdaptSpec.Head) {
            techniques.add(new Technique(
                    "head", "head alone on cached features", whole -> whole.withAdapt(new AdaptSpec.Full(false))));
        }
        return techniques;
    }

    private static Recipe withPlainNetwork(Recipe whole) {
        return whole.withModel(new ModelSpec.FreshImageNetwork(PLAIN_NETWORK, 0));
    }
}
