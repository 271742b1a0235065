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
}
