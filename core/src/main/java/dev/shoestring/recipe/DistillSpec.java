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
 * @param hiddenWeight weight of the mean squared difference between the outputs of both, a classifier's encoder's at the first token, a language model's
 *     at every token that has a loss; 0 leaves it out; not for images
 * @param unlabelled training rows beyond {@code data.train_examples} whose texts are learnt from without their labels; classifiers of texts alone
 * @param scores file in which the teacher's answers are kept, so that they are computed once; null keeps those of a classifier in memory
 *     only, and has the teacher of a language model read along
 * @param topK how many of the likeliest pieces a language model's teacher tells apart, all others as one; 0 tells all
 * @param relations what is learnt of the teacher's attention; classifiers of texts alone
 */
public record DistillSpec(
        String teacher,
        double temperature,
        double hardWeight,
        double hiddenWeight,
        int unlabelled,
        @Nullable String scores,
        int topK,
        Relations relations) {
    /** Temperature unless one is given. */
    public static final double TEMPERATURE = 2;

    /** Share of the label's cross-entropy unless one is given. */
    public static final double HARD_WEIGHT = 0.1;

    /** Weight of the difference of a classifier's encoders' outputs unless one is given. */
    public static final double HIDDEN_WEIGHT = 1;

    /** Pieces that are kept for each token, unless another number is given, where answers are kept. */
    public static final int TOP_K = 32;

    /** Most pieces that may be kept for each token. */
    public static final int MOST_PIECES = 1024;

    /**
     * Attention relations (MiniLMv2, arXiv 2012.15828).
     *
     * @param weight of their divergence in the loss; 0 leaves them out, and then the teacher does not read along
     * @param heads relation heads that the queries, keys and values of both are split into, so that their widths may differ; 0 takes the most, up to
     *     the teacher's own heads, that divide both widths
     * @param layer the teacher's layer that they are taken from, the first is 1; 0 takes the last. The student's are always its last layer's
     */
    public record Relations(double weight, int heads, int layer) {
        /** None. */
        public static final Relations NONE = new Relations(0, 0, 0);
    }

    /** That of a classifier. */
    public DistillSpec(
            String teacher,
            double temperature,
            double hardWeight,
            double hiddenWeight,
            int unlabelled,
            @Nullable String scores) {
        this(teacher, temperature, hardWeight, hiddenWeight, unlabelled, scores, 0, Relations.NONE);
    }

    /** That of a language model, whose teacher reads along or whose answers are kept in a file. */
    public static DistillSpec ofTokens(
            String teacher, double temperature, double hardWeight, @Nullable String scores, int topK) {
        return new DistillSpec(teacher, temperature, hardWeight, 0, 0, scores, topK, Relations.NONE);
    }

    /** The same of another teacher. */
    public DistillSpec withTeacher(String other) {
        return withPlaces(other, scores);
    }

    /** The same of a teacher, and with a file of answers, that lie elsewhere. */
    public DistillSpec withPlaces(String otherTeacher, @Nullable String otherScores) {
        return new DistillSpec(
                otherTeacher, temperature, hardWeight, hiddenWeight, unlabelled, otherScores, topK, relations);
    }

    /** The same with another weight of the difference of the outputs. */
    public DistillSpec withHiddenWeight(double other) {
        return new DistillSpec(teacher, temperature, hardWeight, other, unlabelled, scores, topK, relations);
    }

    /** The same with these relations. */
    public DistillSpec withRelations(Relations other) {
        return new DistillSpec(teacher, temperature, hardWeight, hiddenWeight, unlabelled, scores, topK, other);
    }
}
