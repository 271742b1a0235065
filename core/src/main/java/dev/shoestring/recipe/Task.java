package dev.shoestring.recipe;

/** What a model is trained to do. */
public enum Task {
    /** One label for each text; a table of texts and labels. */
    TEXT_CLASSIFICATION,
    /** One label for each image; folders of images, a table of paths and labels, or IDX files. */
    IMAGE_CLASSIFICATION,
    /** The next token of any text; files, folders, jars or tables of text. */
    LANGUAGE_MODEL,
    /** The answers of conversations. */
    CHAT,
    /** The better of two answers; pairs of them. */
    PREFERENCE;

    /** Whether a language model is trained. */
    public boolean language() {
        return this == LANGUAGE_MODEL || this == CHAT || this == PREFERENCE;
    }

    /** Its name in recipes and summaries, for example {@code text-classification}. */
    public String key() {
        return Section.kebab(this);
    }
}
