package dev.shoestring.text;

/** Told how far the training of a tokenizer is. */
@FunctionalInterface
public interface TokenizerProgress {
    /** {@code done} of {@code total} (0 if it is not known) of {@code stage} are done: characters read, or merges found. */
    void at(String stage, long done, long total);

    /** Tells nobody. */
    static TokenizerProgress silent() {
        return (stage, done, total) -> {};
    }
}
