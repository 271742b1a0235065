package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Disjoint training, validation and test rows: no text is in two of them. What is held out as a file stays as given, and its texts
 * leave the training rows; what is held out as a share is drawn label by label, by a hash of the text and the seed, so that the order
 * of the rows does not matter.
 *
 * @param train training rows, in an order that the seed decides
 * @param validation held-out rows to choose by
 * @param test held-out rows to report on
 * @param repeated training rows left out because another has the same text and label
 * @param conflicting training rows left out because their text has several labels
 * @param heldOut training rows left out because their text is in a held-out file
 * @param unused training rows left out because only so many were asked for
 */
record Splits(
        List<LabelledText> train,
        List<LabelledText> validation,
        List<LabelledText> test,
        int repeated,
        int conflicting,
        int heldOut,
        int unused) {
    private static final long TRAINING_ORDER = 1;
    private static final long FIXED_SEED = 0x5EED0F0FL;

    Splits {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
    }

    /** One held-out split: the rows of a file, or else a share of the training rows. */
    record HeldOut(@Nullable List<LabelledText> rows, double share) {
        boolean drawn() {
            return rows == null && share > 0;
        }
    }

    /**
     * Splits by file or share.
     *
     * @param source where the rows come from, for messages
     * @param trainExamples most training rows; null takes all
     * @throws InputException if a label has too few rows for the shares
     */
    static Splits of(
            String source,
            List<LabelledText> rows,
            HeldOut validation,
            HeldOut test,
            @Nullable Integer trainExamples,
            long seed) {
        UniqueTexts unique = UniqueTexts.of(rows);
        List<LabelledText> testRows = test.rows() == null ? new ArrayList<>() : new ArrayList<>(test.rows());
        List<LabelledText> validationRows = validation.rows() == null
                ? new ArrayList<>()
                : new ArrayList<>(without(validation.rows(), test.rows()));
        int heldOut = unique.remove(testRows) + unique.remove(validationRows);
        List<LabelledText> train = new ArrayList<>();
        if (!test.drawn() && !validation.drawn()) {
            train = unique.shuffled(seed);
        } else {
            Map<String, List<LabelledText>> byLabel = unique.shuffled(seed).stream()
                    .collect(Collectors.groupingBy(LabelledText::label, TreeMap::new, Collectors.toList()));
            int fewest = 1 + (test.drawn() ? 1 : 0) + (validation.drawn() ? 1 : 0);
            for (Map.Entry<String, List<LabelledText>> entry : byLabel.entrySet()) {
                List<LabelledText> ofLabel = entry.getValue();
                requireEnough(source, entry.getKey(), ofLabel.size(), fewest);
                int forTest = share(test, ofLabel.size(), ofLabel.size() - (fewest - 1));
                int held = forTest + share(validation, ofLabel.size(), ofLabel.size() - forTest - 1);
                testRows.addAll(ofLabel.subList(0, forTest));
                validationRows.addAll(ofLabel.subList(forTest, held));
                train.addAll(ofLabel.subList(held, ofLabel.size()));
            }
            // By another seed: in the order by which rows were drawn, the labels whose last held-out row came early
            // would come first.
            train = UniqueTexts.of(train)
                    .shuffled(SplitMix.of(seed, TRAINING_ORDER).nextLong());
        }
        int taken = trainExamples == null ? train.size() : Math.min(trainExamples, train.size());
        return new Splits(
                train.subList(0, taken),
                validationRows,
                testRows,
                unique.repeated(),
                unique.conflicting(),
                heldOut,
                train.size() - taken);
    }

    /**
     * Splits with a validation and a test set that never change: they are chosen by a hash of the text alone. The seed orders the
     * rest, of which the first {@code trainExamples} are taken.
     */
    static Splits fixed(List<LabelledText> rows, int validation, int test, @Nullable Integer trainExamples, long seed) {
        UniqueTexts unique = UniqueTexts.of(rows);
        List<LabelledText> held = unique.shuffled(FIXED_SEED, test + validation);
        unique.remove(held);
        int available = unique.size();
        List<LabelledText> train = unique.shuffled(seed, trainExamples == null ? available : trainExamples);
        return new Splits(
                train,
                held.subList(test, held.size()),
                held.subList(0, test),
                unique.repeated(),
                unique.conflicting(),
                0,
                available - train.size());
    }

    private static void requireEnough(String source, String label, int rows, int fewest) {
        if (rows < fewest) {
            throw new InputException(
                    source + ": label \"" + label + "\" has " + rows + (rows == 1 ? " row" : " rows")
                            + " that no other repeats, but splitting needs at least " + fewest
                            + " of each label; add rows, leave the label out with data.query, or give the held-out splits as files");
        }
    }

    /** Rows of one label to hold out: the nearest whole number, at least one, leaving at least one for each other split. */
    private static int share(HeldOut split, int rows, int most) {
        return split.drawn() ? Math.max(1, Math.min((int) Math.round(rows * split.share()), most)) : 0;
    }

    private static List<LabelledText> without(List<LabelledText> rows, @Nullable List<LabelledText> others) {
        if (others == null) {
            return rows;
        }
        Set<String> known = new HashSet<>();
        for (LabelledText other : others) {
            known.add(UniqueTexts.normalized(other.text()));
        }
        return rows.stream()
                .filter(row -> !known.contains(UniqueTexts.normalized(row.text())))
                .toList();
    }
}
