package dev.shoestring.data;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.DataSpec.Split;
import dev.shoestring.recipe.InputException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Labelled texts, split and ready to train on. No text, case and spaces aside, is in two splits.
 *
 * @param labels names of the labels, sorted; as numbers if all of them are
 * @param train training examples, in an order that the seed decides
 * @param validation examples to choose by
 * @param test examples to report on
 * @param report what became of the rows
 */
public record TextData(
        List<String> labels, List<Example> train, List<Example> validation, List<Example> test, DataReport report)
        implements LabelledData {
    /** Name of the reader for {@link WordNetDefinitions}. */
    public static final String WORDNET_DEFINITIONS = "wordnet-definitions";

    private static final int WORDNET_HELD_OUT = 2_000;
    private static final int MOST_LABELS = 10_000;

    /** Copies the lists. */
    public TextData {
        labels = List.copyOf(labels);
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
    }

    @Override
    public int trainExamples() {
        return train.size();
    }

    /** The examples of a held-out split. */
    public List<Example> held(Held held) {
        return switch (held) {
            case VALIDATION -> validation;
            case TEST -> test;
        };
    }

    @Override
    public int[] heldLabels(Held held) {
        return held(held).stream().mapToInt(Example::label).toArray();
    }

    @Override
    public String describe(Held held, int index) {
        return held(held).get(index).text();
    }

    /**
     * Reads and splits the data.
     *
     * @param bundled the artifact's file if the source is {@link Source.Bundled}
     * @param seed decides which rows are held out as shares, which are trained on if only some are, and their order; the held-out
     *     splits of {@link #WORDNET_DEFINITIONS} do not depend on it
     * @throws InputException if anything about the data is wrong
     */
    public static TextData load(DataSpec spec, @Nullable Path bundled, long seed) {
        Source source = spec.source();
        if (source instanceof Source.Bundled reference) {
            return bundled(reference, spec, bundled, seed);
        }
        DataReporter reporter = new DataReporter("text");
        LabelledTexts rows = read(source, spec.input(), spec.label());
        reporter.read(rows);
        Splits.HeldOut validation = heldOut(spec.validation(), rows, reporter);
        Splits.HeldOut test = heldOut(spec.test(), rows, reporter);
        List<String> labels = sortedLabels(rows);
        requireKnown(spec.validation(), validation, labels);
        requireKnown(spec.test(), test, labels);
        Splits splits = Splits.of(rows.name(), rows.rows(), validation, test, spec.trainExamples(), seed);
        if (splits.train().isEmpty()) {
            throw new InputException(
                    rows.name() + ": no row is left to train on: each text is also in a held-out file or has"
                            + " several labels; give training rows that the held-out files do not have");
        }
        return of(labels, splits, reporter);
    }

    /**
     * Reads one table of texts with labels of a trained model, for evaluation; nothing is left out but rows without text or label.
     *
     * @throws InputException if a label is none of the model's
     */
    public static List<Example> loadExamples(
            Source source, @Nullable String text, @Nullable String label, List<String> labels) {
        LabelledTexts rows = read(source, text, label);
        requireKnown(rows.name(), rows.rows(), labels);
        return examples(rows.rows(), indices(labels));
    }

    static Map<String, Integer> indices(List<String> labels) {
        Map<String, Integer> indices = new HashMap<>();
        for (int i = 0; i < labels.size(); i++) {
            indices.put(labels.get(i), i);
        }
        return indices;
    }

    private static TextData bundled(Source.Bundled reference, DataSpec spec, @Nullable Path file, long seed) {
        if (!reference.reader().equals(WORDNET_DEFINITIONS)) {
            throw new InputException("data.reader: must be \"" + WORDNET_DEFINITIONS
                    + "\", the only reader there is, but is \"" + reference.reader() + "\"");
        }
        if (spec.validation() instanceof Split.File || spec.test() instanceof Split.File) {
            throw new InputException("data.validation and data.test: " + WORDNET_DEFINITIONS
                    + " has fixed splits of its own; leave both out");
        }
        if (file == null) {
            throw new IllegalStateException("no file was given for " + reference.from());
        }
        List<LabelledText> rows = WordNetDefinitions.read(file);
        if (rows.size() < 10 * WORDNET_HELD_OUT) {
            throw new InputException(
                    file + ": holds only " + rows.size() + " definitions, WordNet has 80,000; fetch it again");
        }
        Splits splits = Splits.fixed(rows, WORDNET_HELD_OUT, WORDNET_HELD_OUT, spec.trainExamples(), seed);
        return of(WordNetDefinitions.topics(), splits, new DataReporter("text"));
    }

    private static TextData of(List<String> labels, Splits splits, DataReporter reporter) {
        Map<String, Integer> indices = indices(labels);
        return new TextData(
                labels,
                examples(splits.train(), indices),
                examples(splits.validation(), indices),
                examples(splits.test(), indices),
                reporter.report(labels, splits));
    }

    private static LabelledTexts read(Source source, @Nullable String text, @Nullable String label) {
        if (source instanceof Source.File file) {
            return TextTable.read(file, text, label);
        }
        if (source instanceof Source.Query query) {
            return TextTable.read(query, text, label);
        }
        throw new IllegalStateException("not a table: " + source);
    }

    /** A held-out file has the columns of the training table. */
    private static Splits.HeldOut heldOut(Split split, LabelledTexts train, DataReporter reporter) {
        if (split instanceof Split.File file) {
            LabelledTexts rows = TextTable.read(new Source.File(file.path()), train.textColumn(), train.labelColumn());
            reporter.read(rows);
            return new Splits.HeldOut(rows.rows(), 0);
        }
        return new Splits.HeldOut(null, ((Split.Fraction) split).share());
    }

    private static List<String> sortedLabels(LabelledTexts rows) {
        TreeSet<String> names = new TreeSet<>();
        for (LabelledText row : rows.rows()) {
            names.add(row.label());
        }
        if (names.size() < 2) {
            throw new InputException(rows.name() + ": must have at least two labels, but column \"" + rows.labelColumn()
                    + "\" only has \"" + names.first()
                    + "\"; add rows of another label or name another column with data.label");
        }
        if (names.size() > MOST_LABELS) {
            throw new InputException(rows.name() + ": column \"" + rows.labelColumn() + "\" has " + names.size()
                    + " different labels, more than " + MOST_LABELS
                    + "; is it the label column? Name it with data.label");
        }
        List<String> labels = new ArrayList<>(names);
        sortNumbers(labels);
        return labels;
    }

    /** Sorts labels by their values if all of them are numbers. */
    static void sortNumbers(List<String> labels) {
        if (labels.stream().allMatch(name -> name.length() < 30 && name.matches("[+-]?\\d+(\\.\\d+)?"))) {
            labels.sort(Comparator.comparing((String name) -> new BigDecimal(name))
                    .thenComparing(Comparator.naturalOrder()));
        }
    }

    private static void requireKnown(Split split, Splits.HeldOut heldOut, List<String> labels) {
        if (split instanceof Split.File file && heldOut.rows() != null) {
            requireKnown(file.path(), heldOut.rows(), labels);
        }
    }

    private static void requireKnown(String source, List<LabelledText> rows, List<String> labels) {
        Map<String, Integer> known = indices(labels);
        for (LabelledText row : rows) {
            if (!known.containsKey(row.label())) {
                throw new InputException(source + ": label \"" + shortened(row.label()) + "\" never occurs in training"
                        + Nearest.hint(row.label(), labels) + "; correct it or add training rows that have it");
            }
        }
    }

    private static String shortened(String label) {
        return label.length() <= 100 ? label : label.substring(0, 100) + "…";
    }

    private static List<Example> examples(List<LabelledText> rows, Map<String, Integer> indices) {
        List<Example> examples = new ArrayList<>(rows.size());
        for (LabelledText row : rows) {
            Integer label = indices.get(row.label());
            if (label == null) {
                throw new IllegalStateException("a row with an unknown label: " + row.label());
            }
            examples.add(new Example(row.text(), label));
        }
        return examples;
    }
}
