package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which column holds the texts and which the labels: named by the user, or guessed where only one choice is plausible.
 *
 * @param text index of the text column
 * @param label index of the label column
 * @param guesses what was guessed, as plain sentences
 */
record ColumnChoice(int text, int label, List<String> guesses) {
    private static final List<String> LABEL_NAMES =
            List.of("label", "labels", "class", "category", "topic", "target", "sentiment", "intent", "tag", "y");
    private static final List<String> TEXT_NAMES = List.of(
            "text", "sentence", "body", "content", "message", "description", "document", "sms", "review", "question");
    /** The longest texts must be this much longer than the next column's before they are taken without a telling name. */
    private static final double CLEARLY_LONGER = 1.5;
    /** A column with more distinct values than this share of its rows is no label. */
    private static final double MOST_DISTINCT_SHARE = 0.2;

    /**
     * What is known of one column.
     *
     * @param name as the file has it
     * @param isText whether its values are strings
     * @param averageLength average number of characters of its values
     * @param distinct about how many different values there are
     * @param filled how many values there are
     */
    record Column(String name, boolean isText, double averageLength, long distinct, long filled) {}

    static ColumnChoice of(String source, List<Column> columns, @Nullable String text, @Nullable String label) {
        if (columns.size() < 2) {
            throw new InputException(source + ": needs a text and a label column, but its only column is "
                    + list(columns) + "; check the header and the delimiter");
        }
        List<String> guesses = new ArrayList<>();
        int named = text == null ? -1 : find(source, columns, text, "data.text");
        int labelIndex = label == null
                ? guessLabel(source, columns, named, guesses)
                : find(source, columns, label, "data.label");
        int textIndex = named < 0 ? guessText(source, columns, labelIndex, guesses) : named;
        if (textIndex == labelIndex) {
            throw new InputException(source + ": data.text and data.label must differ, but both are \""
                    + columns.get(textIndex).name() + "\"; the columns are " + list(columns));
        }
        return new ColumnChoice(textIndex, labelIndex, List.copyOf(guesses));
    }

    /** Index of the column with the texts of a table without labels. */
    static int text(String source, List<Column> columns, @Nullable String text) {
        if (text != null) {
            return find(source, columns, text, "data.text");
        }
        return columns.size() == 1 ? 0 : guessText(source, columns, -1, new ArrayList<>());
    }

    private static int find(String source, List<Column> columns, String name, String key) {
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < columns.size(); i++) {
                String candidate = columns.get(i).name();
                if (pass == 0 ? candidate.equals(name) : candidate.equalsIgnoreCase(name.strip())) {
                    return i;
                }
            }
        }
        List<String> names = columns.stream().map(Column::name).toList();
        throw new InputException(source + ": has no column \"" + name + "\" (" + key + ")" + Nearest.hint(name, names)
                + "; the columns are " + list(columns));
    }

    private static int guessLabel(String source, List<Column> columns, int text, List<String> guesses) {
        int byName = byName(columns, LABEL_NAMES, text, false);
        if (byName >= 0) {
            return noted("label", columns, byName, "by its name", guesses);
        }
        int longest = text >= 0 ? text : longestText(columns);
        List<Integer> candidates = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            boolean few =
                    column.distinct() >= 2 && column.distinct() <= Math.max(2, MOST_DISTINCT_SHARE * column.filled());
            if (i != longest && few) {
                candidates.add(i);
            }
        }
        if (candidates.isEmpty() && columns.size() == 2 && longest >= 0) {
            candidates.add(1 - longest);
        }
        if (candidates.size() != 1) {
            throw new InputException(source
                    + ": cannot tell which column holds the labels; name it with data.label, one of "
                    + list(
                            candidates.isEmpty()
                                    ? columns
                                    : candidates.stream().map(columns::get).toList()));
        }
        return noted("label", columns, candidates.get(0), "as the only column with few values", guesses);
    }

    private static int guessText(String source, List<Column> columns, int label, List<String> guesses) {
        List<Integer> candidates = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (i != label && columns.get(i).isText()) {
                candidates.add(i);
            }
        }
        if (candidates.size() == 1) {
            return noted("text", columns, candidates.get(0), "as the only column of texts", guesses);
        }
        int byName = byName(columns, TEXT_NAMES, label, true);
        if (byName >= 0) {
            return noted("text", columns, byName, "by its name", guesses);
        }
        candidates.sort(Comparator.comparingDouble(
                i -> -columns.get(Objects.requireNonNull(i)).averageLength()));
        if (candidates.size() > 1
                && columns.get(candidates.get(0)).averageLength()
                        >= CLEARLY_LONGER * columns.get(candidates.get(1)).averageLength()) {
            return noted("text", columns, candidates.get(0), "as the one with the longest values", guesses);
        }
        throw new InputException(source + ": cannot tell which column holds the texts; name it with data.text, one of "
                + list(
                        candidates.isEmpty()
                                ? columns
                                : candidates.stream().map(columns::get).toList()));
    }

    private static int byName(List<Column> columns, List<String> names, int except, boolean mustBeText) {
        for (String name : names) {
            for (int i = 0; i < columns.size(); i++) {
                boolean matches = columns.get(i).name().toLowerCase(Locale.ROOT).equals(name);
                if (i != except && matches && (columns.get(i).isText() || !mustBeText)) {
                    return i;
                }
            }
        }
        return -1;
    }

    private static int longestText(List<Column> columns) {
        int longest = -1;
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).isText()
                    && (longest < 0
                            || columns.get(i).averageLength()
                                    > columns.get(longest).averageLength())) {
                longest = i;
            }
        }
        return longest;
    }

    private static int noted(String what, List<Column> columns, int index, String why, List<String> guesses) {
        guesses.add("Took column \"" + columns.get(index).name() + "\" for the " + what + "s, " + why + ".");
        return index;
    }

    private static String list(List<Column> columns) {
        return columns.stream()
                .limit(50)
                .map(column -> "\"" + column.name() + "\"")
                .collect(Collectors.joining(", "));
    }
}
