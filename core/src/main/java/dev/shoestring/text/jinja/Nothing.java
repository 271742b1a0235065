package dev.shoestring.text.jinja;

/** Values that are none: Jinja's {@code none}, and what was never defined. */
public enum Nothing {
    /** {@code none}. */
    NONE,
    /** A name, key or attribute that is not there. */
    UNDEFINED
}
