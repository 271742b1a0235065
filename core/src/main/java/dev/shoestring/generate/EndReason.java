package dev.shoestring.generate;

/** Why a text ended. */
public enum EndReason {
    /** The model ended it. */
    END("end"),
    /** A stop string came. */
    STOP("stop"),
    /** It has as many new tokens as were allowed. */
    LENGTH("length"),
    /** It fills the positions that the model was trained for. */
    CONTEXT("context"),
    /** The user stopped it. */
    INTERRUPTED("interrupted");

    private final String word;

    EndReason(String word) {
        this.word = word;
    }

    /** As documents name it. */
    public String word() {
        return word;
    }
}
