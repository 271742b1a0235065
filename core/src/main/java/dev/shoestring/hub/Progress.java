package dev.shoestring.hub;

/** Told how far a download is. */
@FunctionalInterface
public interface Progress {
    /** {@code done} of {@code total} bytes of {@code what} are here; {@code total} is −1 if it is not known. */
    void transferred(String what, long done, long total);

    /** Tells nobody. */
    static Progress silent() {
        return (what, done, total) -> {};
    }
}
