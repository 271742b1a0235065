package dev.shoestring.run;

import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.models.ImageShapes;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import dev.shoestring.shrink.ShrinkTarget;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The families of networks that can be made smaller. */
final class ShrinkFamilies {
    private ShrinkFamilies() {}

    /**
     * Demands that a recipe's model is of one of them, and that its data can judge candidates.
     *
     * @throws InputException if not
     */
    static void require(Recipe recipe) {
        boolean known =
                switch (recipe.task()) {
                    case TEXT_CLASSIFICATION, IMAGE_CLASSIFICATION, LANGUAGE_MODEL, CHAT -> true;
                    case PREFERENCE -> false;
                };
        if (!known || recipe.model() instanceof ModelSpec.FreshBagOfWords) {
            String what = recipe.model() instanceof ModelSpec.FreshBagOfWords
                    ? "a bag of words, which has no layers"
                    : "a model of task " + recipe.task().key();
            throw new InputException("shrink: " + recipe.name() + " trains " + what
                    + "; this version shrinks classifiers of texts of the BERT family, convolutional classifiers of images, and"
                    + " language models and chats of the Llama family");
        }
        if (recipe.model() instanceof ModelSpec.FreshImageNetwork network) {
            ImageShrinking.channelMap(ImageShapes.plain(network.architecture(), network.width()), recipe.name());
        }
        if (recipe.task() == Task.IMAGE_CLASSIFICATION && recipe.model() instanceof ModelSpec.Pretrained pretrained) {
            try (ModelFiles files = Models.open(pretrained.from(), (what, done, total) -> {})) {
                ImageShrinking.channelMap(ImageNetworks.read(files.config(), files.source()), recipe.name());
            }
        }
        if (recipe.data().validation() instanceof DataSpec.Split.Fraction fraction && fraction.share() == 0) {
            throw new InputException("shrink: " + recipe.name()
                    + " has no validation split, by which candidates are judged; set data.validation");
        }
    }

    /** The recipe by which data is read: a language model's tokenizer is the original's. */
    static Recipe reading(Recipe recipe, @Nullable Path original) {
        return original != null && recipe.task().language() ? DecoderShrinking.reading(recipe, original) : recipe;
    }

    /**
     * Demands that what was asked for has an effect.
     *
     * @throws InputException if not
     */
    static void requireEffect(Recipe recipe, Shrink.Settings settings) {
        if (recipe.task() == Task.TEXT_CLASSIFICATION) {
            return;
        }
        ShrinkTarget target = settings.target();
        if (target != null && target.milliseconds() != null) {
            throw new InputException(
                    "--target: a time is for classifiers of texts in this version, and " + recipe.name()
                            + " is of task " + recipe.task().key() + "; give a share of the operations such as 0.5x");
        }
        if (settings.cutVocabulary()) {
            throw new InputException("--cut-vocabulary: has an effect on classifiers of texts alone; leave it out");
        }
        if (settings.unlabelled() != null) {
            throw new InputException("--unlabelled: has an effect on classifiers of texts alone; leave it out");
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
            case LANGUAGE_MODEL, CHAT -> DecoderShrinking.open(setup, (LanguageInputs) inputs);
            case IMAGE_CLASSIFICATION -> ImageShrinking.open(setup, (ImageInputs) inputs);
            case PREFERENCE ->
                throw new IllegalStateException(
                        "refused before: " + setup.recipe().task());
        };
    }
}
