package dev.shoestring.run;

import dev.shoestring.data.ImageData;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.Mode;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.ImageDistillation;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ImageForm;
import dev.shoestring.train.ImageScorer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The teacher of an image classifier that learns another one's answers. Where images are augmented or grow, it answers each batch on the fly; where every epoch
 * shows the same pixels, once before the first.
 */
final class DistilledImages implements AutoCloseable {
    private final ImageClassifier opened;
    private final ImageForm form;
    private final ImageDistillation.Teacher teacher;
    private final double flopsEach;
    private final double flopsBefore;

    private DistilledImages(ImageClassifier opened, ImageData data, Recipe recipe, Arithmetic arithmetic) {
        this.opened = opened;
        this.form = new ImageForm(data.store(), opened.config());
        double forward = ImageNetworks.count(
                        opened.config(), opened.size(), opened.labels().size())
                .forward();
        boolean once = once(recipe);
        this.teacher = once ? keptAnswers(data, arithmetic) : (pixels_BCHW, batch) -> answers(pixels_BCHW);
        this.flopsEach = once ? 0 : forward;
        this.flopsBefore = once ? forward * data.train().length : 0;
    }

    /** Whether every epoch shows the same pixels, so that each image is answered once. */
    static boolean once(Recipe recipe) {
        return recipe.augment().isEmpty()
                && recipe.images().progressive() == null
                && recipe.schedule().epochs() > 1;
    }

    /**
     * Opens the teacher of a recipe.
     *
     * @throws InputException if it is no image classifier of the same labels and number of channels
     */
    static DistilledImages open(Recipe recipe, DistillSpec spec, ImageData data, int channels, Arithmetic arithmetic) {
        ImageClassifier opened = ImageClassifier.open(Path.of(spec.teacher()));
        try {
            requireSame(spec.teacher(), opened.labels(), data.labels());
            if (opened.channels() != channels) {
                throw new InputException("distill.teacher: " + spec.teacher() + " sees images of " + opened.channels()
                        + " channels, but this network of " + channels
                        + ", and both must see the same image; choose a network of as many channels");
            }
            return new DistilledImages(opened, data, recipe, arithmetic);
        } catch (RuntimeException refused) {
            opened.close();
            throw refused;
        }
    }

    /**
     * Demands, before a run folder is made, that a teacher tells the same labels apart.
     *
     * @throws InputException if it does not, or there is no such image classifier
     */
    static void requireLabels(DistillSpec spec, List<String> labels) {
        Path folder = Path.of(spec.teacher());
        if (!ImageClassifier.in(folder)) {
            throw new InputException("distill.teacher: " + spec.teacher()
                    + " is no image classifier; give a finished run of task: image-classification, or a model folder");
        }
        requireSame(spec.teacher(), ImageClassifier.labels(folder), labels);
    }

    private static void requireSame(String teacher, List<String> theirs, List<String> labels) {
        if (!theirs.equals(labels)) {
            throw new InputException("distill.teacher: " + teacher + " tells apart " + theirs + ", but the data has "
                    + labels + "; a teacher must have the labels of the data");
        }
    }

    private Tensor answers(Tensor pixels_BCHW) {
        return opened.network().logits(form.normalized(pixels_BCHW, opened.size()), Mode.EVALUATE);
    }

    private ImageDistillation.Teacher keptAnswers(ImageData data, Arithmetic arithmetic) {
        float[][] known = new ImageScorer(opened.network(), form, opened.size(), arithmetic, ImageScorer.Views.ONE)
                .logits(data.train());
        Map<Integer, float[]> byImage = new HashMap<>();
        for (int i = 0; i < known.length; i++) {
            byImage.put(data.train()[i], known[i]);
        }
        int labels = opened.labels().size();
        return (pixels_BCHW, batch) -> {
            float[] rows = new float[batch.examples() * labels];
            for (int i = 0; i < batch.examples(); i++) {
                float[] row = Objects.requireNonNull(byImage.get(batch.images()[i]));
                System.arraycopy(row, 0, rows, i * labels, labels);
            }
            return Tensor.of(rows, batch.examples(), labels);
        };
    }

    ImageDistillation.Teacher teacher() {
        return teacher;
    }

    /** Floating-point operations of an answer that is given while training. */
    double flopsEach() {
        return flopsEach;
    }

    /** Those of the answers that were given before. */
    double flopsBefore() {
        return flopsBefore;
    }

    @Override
    public void close() {
        opened.close();
    }
}
