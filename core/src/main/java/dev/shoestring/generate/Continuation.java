package dev.shoestring.generate;

import java.util.List;

/**
 * What a model made of a prompt.
 *
 * @param ids the new tokens; the token by which the model ended the text is the last, if it did
 * @param reason why there are no more
 */
public record Continuation(List<Integer> ids, EndReason reason) {
    /** Copies the list. */
    public Continuation {
        ids = List.copyOf(ids);
    }
}
