package dev.shoestring.data;

/** A split that is held out from training. */
public enum Held {
    /** Examples to choose by. */
    VALIDATION,
    /** Examples to report on. */
    TEST
}
