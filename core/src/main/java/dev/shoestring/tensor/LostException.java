package dev.shoestring.tensor;

import java.util.function.Supplier;

/** Another process does not answer. */
public final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private LostException(String message, Throwable cause) {
        super(message, cause);
    }

    static LostException of(RuntimeException failed) {
        return new LostException(reason(failed), failed);
    }

    static <T> T guard(Supplier<T> call) {
        try {
            return call.get();
        } catch (RuntimeException failed) {
            throw of(failed);
        }
    }

    /** The first line of LibTorch's message, without where in its source it was made. */
    private static String reason(RuntimeException failed) {
        String message = String.valueOf(failed.getMessage());
        String line = message.lines().findFirst().orElse(message);
        return line.replaceFirst("^\\[[^]]*] ", "");
    }
}
