package dev.shoestring.generate;

/** Hears of tokens as they are made, on the thread that makes them. */
public interface TokenListener {
    /**
     * Takes a new token.
     *
     * @param row the prompt's place in the list of prompts
     * @return whether that row is to go on
     */
    boolean accept(int row, int id);

    /** Whether all is to go on; asked before each token. */
    default boolean goesOn() {
        return true;
    }

    /** One that lets everything go on. */
    static TokenListener none() {
        return (row, id) -> true;
    }
}
