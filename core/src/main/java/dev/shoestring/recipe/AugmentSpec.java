package dev.shoestring.recipe;

/** One augmentation of the training texts; key {@code augment}. */
public sealed interface AugmentSpec {
    /** Replaces tokens by {@code [MASK]}; {@code rate} is the probability for each token, in (0, 1). */
    record TokenDropout(double rate) implements AugmentSpec {}

    /** Replaces words by a synonym of theirs; {@code rate} is the probability for each word, in (0, 1). */
    record Synonyms(double rate) implements AugmentSpec {}

    /** Appends another training text with the same label; {@code rate} is the probability for each text, in (0, 1). */
    record JoinSameLabel(double rate) implements AugmentSpec {}

    /** Changes images; {@code rate} is the probability for each image, in (0, 1], {@code strength} as its kind says. */
    record Image(ImageAugment kind, double rate, double strength) implements AugmentSpec {}
}
