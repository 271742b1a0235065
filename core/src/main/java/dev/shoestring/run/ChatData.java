package dev.shoestring.run;

import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;

/** The conversations of {@code task: chat}. */
final class ChatData {
    private ChatData() {}

    static LanguageText of(Recipe recipe, RunListener listener) {
        throw new InputException("task: " + recipe.task().key() + " is not in this version");
    }
}
