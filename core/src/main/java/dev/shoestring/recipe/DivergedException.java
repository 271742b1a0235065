package dev.shoestring.recipe;

import java.nio.file.Path;

/** Training left the finite numbers, as its settings made it; what it had cost until then is in its folder. */
public final class DivergedException extends UserException {
    private static final long serialVersionUID = 1L;

    private final transient Path run;

    /** Makes one with the whole message a user is to see. */
    public DivergedException(String message, Path run) {
        super(message);
        this.run = run;
    }

    /** The run's folder. */
    public Path run() {
        return run;
    }
}
