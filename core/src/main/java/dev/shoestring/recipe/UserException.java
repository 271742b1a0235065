package dev.shoestring.recipe;

/**
 * A mistake that the user can mend. The command line prints the message alone and exits 2; the stack trace is shown only with
 * {@code --debug}.
 */
public abstract sealed class UserException extends RuntimeException
        permits DivergedException, InputException, RecipeException {
    private static final long serialVersionUID = 1L;

    UserException(String message) {
        super(message);
    }

    UserException(String message, Throwable cause) {
        super(message, cause);
    }
}
