package dev.shoestring.recipe;

/** Bad input of any kind: a file, a table, a reference. The message gives path, rule, value found and remedy. */
public final class InputException extends UserException {
    private static final long serialVersionUID = 1L;

    /** Makes one with the whole message a user is to see. */
    public InputException(String message) {
        super(message);
    }

    /** As above, keeping what caused it for {@code --debug}. */
    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
