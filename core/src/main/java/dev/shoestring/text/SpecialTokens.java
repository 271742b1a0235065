package dev.shoestring.text;

/** What becomes of special tokens when ids are made into text. */
public enum SpecialTokens {
    /** They are left out. */
    SKIPPED,
    /** They stand in the text as they are written. */
    KEPT
}
