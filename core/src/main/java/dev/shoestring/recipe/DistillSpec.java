package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * Learning from another model's answers (knowledge distillation, arXiv 1503.02531); key {@code distill}. Of classifiers: the last three are for texts alone, for a
 * teacher of images answers each image as it is augmented.
 *
 * @param teacher the model that answers: a run, or a folder in Hugging Face layout, with the same labels
 * @param temperature what the scores of both are divided by before they are compared, at least 1
 * @param hardWeight share of the loss that is the label's cross-entropy, in [0, 1]; the rest is the teacher's
 * @param hiddenWeight weight of the mean squared difference between the encoders' outputs at the first token; 0 leaves it out
 * @param unlabelled training rows beyond {@code data.train_examples} whose texts are learnt from without their labels
 * @param scores file in which the teacher's answers are kept, so that they are computed once; null keeps them in memory only
 */
public record DistillSpec(
        String teacher,
        double temperature,
        double hardWeight,
        double hiddenWeight,
        int unlabelled,
        @Nullable String scores) {
    /** Temperature unless one is given. */
    public static final double TEMPERATURE = 2;

    /** Share of the label's cross-entropy unless one is given. */
    public static final double HARD_WEIGHT = 0.1;

    /** Weight of the difference of the encoders' outputs unless one is given. */
    public static final double HIDDEN_WEIGHT = 1;
}
