package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * Learning from another model's answers (knowledge distillation, arXiv 1503.02531); key {@code distill}. A teacher of images answers each image as it is
 * augmented.
 *
 * @param teacher the model that answers: a run, or a folder in Hugging Face layout, with the same labels or
 *     tokenizer
 * @param temperature what the scores of both are divided by before they are compared, at least 1
 * @param hardWeight share of the loss that is the cross-entropy of the label or of the token that follows, in [0, 1]; the rest is the teacher's
 * @param hiddenWeight weight of the mean squared difference between the encoders' outputs at the first token; 0 leaves it out;
 *     classifiers of texts alone
 * @param unlabelled training rows beyond {@code data.train_examples} whose texts are learnt from without their labels; classifiers of texts alone
 * @param scores file in which the teacher's answers are kept, so that they are computed once; null keeps those of a classifier in memory
 *     only, and has the teacher of a language model read along
 * @param topK how many of the likeliest pieces a language model's teacher tells apart, all others as one; 0 tells all
 */
public record DistillSpec(
        String teacher,
        double temperature,
        double hardWeight,
        double hiddenWeight,
        int unlabelled,
        @Nullable String scores,
        int topK) {
    /** Temperature unless one is given. */
    public static final double TEMPERATURE = 2;

    /** Share of the label's cross-entropy unless one is given. */
    public static final double HARD_WEIGHT = 0.1;

    /** Weight of the difference of the encoders' outputs unless one is given. */
    public static final double HIDDEN_WEIGHT = 1;

    /** Pieces that are kept for each token, unless another number is given, where answers are kept. */
    public static final int TOP_K = 32;

    /** Most pieces that may be kept for each token. */
    public static final int MOST_PIECES = 1024;

    /** That of a classifier. */
    public DistillSpec(
            String teacher,
            double temperature,
            double hardWeight,
            double hiddenWeight,
            int unlabelled,
            @Nullable String scores) {
        this(teacher, temperature, hardWeight, hiddenWeight, unlabelled, scores, 0);
    }

    /** That of a language model, whose teacher reads along or whose answers are kept in a file. */
    public static DistillSpec ofTokens(
            String teacher, double temperature, double hardWeight, @Nullable String scores, int topK) {
        return new DistillSpec(teacher, temperature, hardWeight, 0, 0, scores, topK);
    }

    /** The same of another teacher. */
    public DistillSpec withTeacher(String other) {
        return new DistillSpec(other, temperature, hardWeight, hiddenWeight, unlabelled, scores, topK);
    }
}
