package dev.shoestring.recipe;

import java.util.List;

/** How the network's weights are adapted; key {@code adapt}. */
public sealed interface AdaptSpec {
    /**
     * Every weight is trained.
     *
     * @param freezeWordEmbeddings leaves the word embeddings as they are: cheaper at equal accuracy with few labels
     */
    record Full(boolean freezeWordEmbeddings) implements AdaptSpec {}

    /** The encoder is frozen; its features are computed once and cached, and a linear head is trained on them. */
    record Head() implements AdaptSpec {}

    /**
     * The head first, then stage by stage towards the input, each stage at a lower rate than the one after it (ULMFiT, arXiv
     * 1801.06146, sections 3.2 and 3.3). Images only.
     *
     * @param lrDecay rate of a stage over that of the stage after it, in (0, 1]
     * @param until share of the steps after which all stages are trained, in (0, 1]
     */
    record Gradual(double lrDecay, double until) implements AdaptSpec {}

    /**
     * Every weight stays as it is, and low-rank updates of convolutions and attention are trained beside the head (LoRA, arXiv
     * 2106.09685). Images and language models.
     *
     * @param rank rank of each update
     * @param alpha scale of the updates: alpha / rank
     * @param targets last parts of the names of the layers that get one, such as {@code q_proj}; empty takes all. Language models only
     * @param dora whether rows of the sum have a trained length (DoRA, arXiv 2402.09353). Language models only
     * @param rootScaled whether the scale is alpha / √rank (rsLoRA, arXiv 2312.03732). Language models only
     * @param dropout share of the inputs of an update, not of the layer's, that training leaves out, in [0, 1). Language models only
     */
    record Lora(int rank, double alpha, List<String> targets, boolean dora, boolean rootScaled, double dropout)
            implements AdaptSpec {
        /** Copies the list and checks the numbers. */
        public Lora {
            targets = List.copyOf(targets);
            if (rank < 1 || !Double.isFinite(alpha) || !(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("rank " + rank + ", alpha " + alpha + ", dropout " + dropout);
            }
        }

        /** Without dropout. */
        public Lora(int rank, double alpha, List<String> targets, boolean dora, boolean rootScaled) {
            this(rank, alpha, targets, dora, rootScaled, 0);
        }

        /** Plain updates of all layers. */
        public Lora(int rank, double alpha) {
            this(rank, alpha, List.of(), false, false);
        }

        /** Factor of the product of the two matrices. */
        public double scale() {
            return alpha / (rootScaled ? Math.sqrt(rank) : rank);
        }
    }
}
