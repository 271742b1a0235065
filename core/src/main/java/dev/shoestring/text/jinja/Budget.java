package dev.shoestring.text.jinja;

import dev.shoestring.recipe.InputException;

/** What one rendering may take: steps, characters made, and depth of calls. A template is a stranger's program. */
final class Budget {
    private static final long MOST_STEPS = 5_000_000;
    private static final long MOST_CHARACTERS = 64L << 20;
    private static final int DEEPEST = 64;

    private final String source;
    private long steps;
    private long characters;
    private int depth;

    Budget(String source) {
        this.source = source;
    }

    void step() {
        steps(1);
    }

    void steps(long count) {
        steps += count;
        if (steps > MOST_STEPS) {
            throw new InputException(source + ": takes more than " + MOST_STEPS
                    + " steps to render; it may loop without end, use another template");
        }
    }

    /** Counts text before it is made. */
    void characters(long count) {
        characters += count;
        steps += count >> 6;
        if (characters > MOST_CHARACTERS) {
            throw new InputException(source + ": makes more than " + MOST_CHARACTERS
                    + " characters of text; shorten the conversation, or use another template");
        }
    }

    void enter() {
        if (++depth > DEEPEST) {
            throw new InputException(
                    source + ": its macros call each other more than " + DEEPEST + " deep; use another template");
        }
    }

    void leave() {
        depth--;
    }
}
