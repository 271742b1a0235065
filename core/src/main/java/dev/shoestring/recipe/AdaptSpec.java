package dev.shoestring.recipe;

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
     * 2106.09685). Images only.
     *
     * @param rank rank of each update
     * @param alpha scale of the updates: alpha / rank
     */
    record Lora(int rank, double alpha) implements AdaptSpec {}
}
