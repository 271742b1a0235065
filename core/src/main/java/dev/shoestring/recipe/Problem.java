package dev.shoestring.recipe;

/**
 * One thing wrong with a recipe.
 *
 * @param path where, as a dotted path: {@code optimizer.lr}
 * @param message the rule, the value found and the remedy, without the path; a message that starts with the value found
 *     in parentheses follows the path without a colon
 */
public record Problem(String path, String message) {
    @Override
    public String toString() {
        return path + (message.startsWith("(") ? " " : ": ") + message;
    }
}
