package dev.shoestring.data;

/** What one document of a text file is. */
public enum DocumentUnit {
    /** The whole file. */
    FILE,
    /** One line. */
    LINE,
    /** What stands between blank lines. */
    BLANK_LINE
}
