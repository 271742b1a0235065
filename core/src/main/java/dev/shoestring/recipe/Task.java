package dev.shoestring.recipe;

/** What a model is trained to do. */
public enum Task {
    /** One label for each text; a table of texts and labels. */
    TEXT_CLASSIFICATION
}
