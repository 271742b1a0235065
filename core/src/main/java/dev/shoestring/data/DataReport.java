package dev.shoestring.data;

import java.util.List;

/**
 * What became of the rows, for the user to read.
 *
 * @param labels rows of each label in each split, in the order of {@link TextData#labels()}
 * @param imbalance training rows of the largest label over those of the smallest that has any
 * @param dropped how many rows were left out, by reason; reasons that left out none are not listed
 * @param guesses what was guessed about the columns, as plain sentences
 * @param warnings what may hurt the result, as plain sentences
 */
public record DataReport(
        List<LabelCount> labels, double imbalance, List<Dropped> dropped, List<String> guesses, List<String> warnings) {
    /** Copies the lists. */
    public DataReport {
        labels = List.copyOf(labels);
        dropped = List.copyOf(dropped);
        guesses = List.copyOf(guesses);
        warnings = List.copyOf(warnings);
    }

    /**
     * Rows of one label.
     *
     * @param label the label's name
     * @param train training rows
     * @param validation validation rows
     * @param test test rows
     */
    public record LabelCount(String label, int train, int validation, int test) {}

    /**
     * Rows left out.
     *
     * @param reason why, in the way of "without a label"
     * @param rows how many
     */
    public record Dropped(String reason, int rows) {}
}
