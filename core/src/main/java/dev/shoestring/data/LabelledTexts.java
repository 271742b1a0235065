package dev.shoestring.data;

import java.util.List;

/**
 * What was read from one source.
 *
 * @param name the source as the user named it, for messages
 * @param rows rows that have both a text and a label, in the source's order
 * @param textColumn name of the column the texts came from
 * @param labelColumn name of the column the labels came from
 * @param withoutText rows left out because their text is missing or blank
 * @param withoutLabel rows left out because they have a text but their label is missing or blank
 * @param guesses which columns were guessed, as plain sentences
 */
public record LabelledTexts(
        String name,
        List<LabelledText> rows,
        String textColumn,
        String labelColumn,
        int withoutText,
        int withoutLabel,
        List<String> guesses) {
    /** Copies the lists. */
    public LabelledTexts {
        rows = List.copyOf(rows);
        guesses = List.copyOf(guesses);
    }
}
