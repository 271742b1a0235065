package dev.shoestring.data;

import dev.shoestring.data.DataReport.Dropped;
import dev.shoestring.data.DataReport.LabelCount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a {@link DataReport} on a finished split. */
final class DataReporter {
    private static final double IMBALANCE_WORTH_A_WARNING = 10;
    private static final int FEW_HELD_OUT = 100;

    private static final int UNREADABLE_NAMED = 5;

    private final String noun;
    private final List<Dropped> dropped = new ArrayList<>();
    private final List<String> guesses = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private int unreadable;

    /** A report about texts, images, or what else {@code noun} says. */
    DataReporter(String noun) {
        this.noun = noun;
    }

    /** Notes rows that were left out. */
    void dropped(String reason, int rows) {
        drop(reason, rows);
    }

    /** Notes a file that cannot be read; the first few are named. */
    void unreadable(String what) {
        if (unreadable++ < UNREADABLE_NAMED) {
            warnings.add("Left out, cannot be read: " + what);
        }
    }

    /** Notes what was left out while reading a source. */
    void read(LabelledTexts source) {
        drop("without a " + noun + " in " + source.name(), source.withoutText());
        drop("without a label in " + source.name(), source.withoutLabel());
        for (String guess : source.guesses()) {
            guesses.add(source.name() + ": " + guess);
        }
    }

    /** Counts the labels and makes the report. */
    DataReport report(List<String> labels, Splits splits) {
        drop("repeated, with the same " + noun + " and label as another", splits.repeated());
        drop("with a " + noun + " that has several labels", splits.conflicting());
        drop("in training whose " + noun + " is in a held-out file", splits.heldOut());
        drop("beyond data.train_examples", splits.unused());
        int[] train = count(labels, splits.train());
        int[] validation = count(labels, splits.validation());
        int[] test = count(labels, splits.test());
        List<LabelCount> counts = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            counts.add(new LabelCount(labels.get(i), train[i], validation[i], test[i]));
        }
        double imbalance = imbalance(counts);
        warn(counts, imbalance, splits);
        return new DataReport(counts, imbalance, dropped, guesses, warnings);
    }

    private void drop(String reason, int rows) {
        if (rows > 0) {
            dropped.add(new Dropped(reason, rows));
        }
    }

    private void warn(List<LabelCount> counts, double imbalance, Splits splits) {
        if (splits.conflicting() > 0) {
            warnings.add(
                    splits.conflicting() + " rows were left out because the same " + noun + " has several labels.");
        }
        if (splits.heldOut() > 0) {
            warnings.add(splits.heldOut() + " training " + noun
                    + "s also occur in a held-out file and were left out of training.");
        }
        if (imbalance >= IMBALANCE_WORTH_A_WARNING) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "The labels are uneven: the largest has %.0f times the training rows of the"
                            + " smallest. Macro-F1 shows what accuracy then hides.",
                    imbalance));
        }
        List<String> absent = counts.stream()
                .filter(count -> count.train() == 0)
                .map(LabelCount::label)
                .toList();
        if (!absent.isEmpty()) {
            warnings.add("No training row has label " + quoted(absent) + ": it will not be learned.");
        }
        held("validation", splits.validation());
        held("test", splits.test());
        Map<String, String> spellings = new HashMap<>();
        for (LabelCount count : counts) {
            String other = spellings.putIfAbsent(count.label().toLowerCase(Locale.ROOT), count.label());
            if (other != null) {
                warnings.add(
                        "Labels \"" + other + "\" and \"" + count.label() + "\" differ only in case; are they one?");
            }
        }
    }

    private void held(String name, List<LabelledText> rows) {
        if (!rows.isEmpty() && rows.size() < FEW_HELD_OUT) {
            // Half the width of a 95 % interval around an accuracy of one half, the widest there is.
            double points = 98 / Math.sqrt(rows.size());
            warnings.add(String.format(
                    Locale.ROOT,
                    "The %s split has only %d rows: its accuracy is uncertain by up to %.0f points.",
                    name,
                    rows.size(),
                    points));
        }
    }

    private static String quoted(List<String> labels) {
        return "\"" + String.join("\", \"", labels.subList(0, Math.min(labels.size(), 10))) + "\""
                + (labels.size() > 10 ? " and " + (labels.size() - 10) + " more" : "");
    }

    private static double imbalance(List<LabelCount> counts) {
        int largest = 0;
        int smallest = Integer.MAX_VALUE;
        for (LabelCount count : counts) {
            if (count.train() > 0) {
                largest = Math.max(largest, count.train());
                smallest = Math.min(smallest, count.train());
            }
        }
        return largest == 0 ? 1 : (double) largest / smallest;
    }

    private static int[] count(List<String> labels, List<LabelledText> rows) {
        Map<String, Integer> indices = TextData.indices(labels);
        int[] counts = new int[labels.size()];
        for (LabelledText row : rows) {
            Integer label = indices.get(row.label());
            if (label == null) {
                throw new IllegalStateException("a row with an unknown label: " + row.label());
            }
            counts[label]++;
        }
        return counts;
    }
}
