package dev.shoestring.run;

import dev.shoestring.train.TokenRows;
import java.util.List;

/**
 * A held-out split of a language model.
 *
 * @param rows its rows
 * @param bytes bytes of its text in UTF-8; 0 where not all of the text is modelled
 */
record LanguageSplit(List<TokenRows> rows, long bytes) {
    /** Nothing. */
    static final LanguageSplit NONE = new LanguageSplit(List.of(), 0);
}
