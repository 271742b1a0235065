package dev.shoestring.run;

/** Hears of text as it is made, on the thread that makes it. */
public interface TextListener {
    /**
     * Takes text that is complete.
     *
     * @param prompt the prompt's place in the list
     * @param text what comes next of its continuation; never empty
     */
    void text(int prompt, String text);

    /** Whether the model is to go on; asked before each token. */
    default boolean goesOn() {
        return true;
    }

    /** One that hears nothing. */
    static TextListener none() {
        return (prompt, text) -> {};
    }
}
