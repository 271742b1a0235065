package dev.shoestring.run;

/** Another process of the job does not answer any more. What all had done is saved. */
public final class LeftAloneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LeftAloneException(String message, Throwable cause) {
        super(message, cause);
    }
}
