package dev.shoestring.run;

import dev.shoestring.generate.EndReason;
import java.util.List;

/**
 * What a model made of a prompt.
 *
 * @param prompt the prompt, as the model was given it
 * @param text what comes after it; a stop string and special tokens are left out
 * @param promptIds the prompt's tokens
 * @param ids the new tokens; the one by which the model ended the text is the last, if it did
 * @param reason why there is no more
 */
public record Generation(String prompt, String text, List<Integer> promptIds, List<Integer> ids, EndReason reason) {
    /** Copies the lists. */
    public Generation {
        promptIds = List.copyOf(promptIds);
        ids = List.copyOf(ids);
    }
}
