package dev.shoestring.shrink;

import dev.shoestring.augment.ImageAugmentations;
import dev.shoestring.augment.MixedImages;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.nn.Mode;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.ImageBatch;
import dev.shoestring.train.ImageForm;
import dev.shoestring.train.Objective;

/**
 * Learning from another image classifier's scores (knowledge distillation, arXiv 1503.02531). The teacher sees the very image that the student sees, augmented
 * and mixed alike ("a good teacher is patient and consistent", arXiv 2106.05237). The loss of an image is {@code (1 − h)·T²·KL(teacher ‖ student) +
 * h·cross-entropy}, the latter as {@link dev.shoestring.train.ImageClassification} has it.
 *
 * @param student the network that learns
 * @param form makes what it sees of bytes
 * @param augmentations what happens to training images
 * @param classes number of labels
 * @param labelSmoothing share of each label's target that is spread over all, in [0, 1)
 * @param teacher the scores that are learned
 * @param spec temperature and shares
 */
public record ImageDistillation(
        ImageNetwork student,
        ImageForm form,
        ImageAugmentations augmentations,
        int classes,
        double labelSmoothing,
        Teacher teacher,
        DistillSpec spec)
        implements Objective<ImageBatch> {
    // B batch, C channels or classes, H height, W width

    /** Gives the scores that are learned. */
    @FunctionalInterface
    public interface Teacher {
        /**
         * Class scores of a batch, (B, classes); made inside the open scope, without gradients.
         *
         * @param pixels_BCHW what became of its images, from 0 to 1
         */
        Tensor logits(Tensor pixels_BCHW, ImageBatch batch);
    }

    @Override
    public Tensor lossSum(ImageBatch batch) {
        int examples = batch.examples();
        Tensor pixels_BCHW = form.pixels(batch.pixels(), examples);
        MixedImages mixed = augmentations.apply(pixels_BCHW, batch.images(), batch.epoch(), batch.step());
        Tensor wanted_BC;
        try (NoGrad guard = NoGrad.on()) {
            wanted_BC = teacher.logits(mixed.pixels(), batch).to(DType.FLOAT32).mul(1 / spec.temperature());
        }
        Tensor logits_BC = student.logits(form.normalized(mixed.pixels(), batch.size()), Mode.TRAIN)
                .to(DType.FLOAT32);
        double soft = (1 - spec.hardWeight()) * spec.temperature() * spec.temperature();
        Tensor probabilities_BC = wanted_BC.softmax(1);
        Tensor entropy = probabilities_BC.mul(wanted_BC.logSoftmax(1)).sum();
        Tensor loss = logits_BC
                .mul(1 / spec.temperature())
                .crossEntropySum(probabilities_BC)
                .add(entropy)
                .mul(soft);
        if (spec.hardWeight() == 0) {
            return loss;
        }
        Tensor targets_BC = Tensor.of(mixed.targets(batch.labels(), classes, labelSmoothing), examples, classes);
        return loss.add(logits_BC.crossEntropySum(targets_BC).mul(spec.hardWeight()));
    }
}
