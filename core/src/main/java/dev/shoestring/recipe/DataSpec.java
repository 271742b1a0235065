package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * The labelled data.
 *
 * @param source where the training rows come from
 * @param input name of the column with the texts, or with the paths of the images; null takes the only plausible one
 * @param label name of the label column; null takes the only plausible one
 * @param validation the validation split: a fraction of the training rows, or a file
 * @param test the test split: a fraction of the training rows, or a file
 * @param trainExamples at most this many labelled training rows are used; null uses all
 * @param maxTokens texts only: longer ones are cut to this many tokens, special tokens included
 */
public record DataSpec(
        Source source,
        @Nullable String input,
        @Nullable String label,
        Split validation,
        Split test,
        @Nullable Integer trainExamples,
        int maxTokens) {

    /** Where rows come from. */
    public sealed interface Source {
        /** A CSV, TSV, JSONL or Parquet file, plain or gzipped, or a folder of images; key {@code data.train}. */
        record File(String path) implements Source {}

        /** SQL over any files that DuckDB reads; key {@code data.query}. */
        record Query(String sql) implements Source {}

        /**
         * A data set with a reader of its own, in a package; keys {@code data.from} and {@code data.reader}.
         *
         * @param from {@code maven:G:A:V}, {@code debian:PACKAGE} or {@code npm:PACKAGE}
         * @param reader name of the reader, for example {@code wordnet-definitions} or {@code idx}
         */
        record Bundled(String from, String reader) implements Source {}
    }

    /** How a held-out split is had. */
    public sealed interface Split {
        /** A share of the training rows, in [0, 0.5]. */
        record Fraction(double share) implements Split {}

        /** A file in the same form as the training file. */
        record File(String path) implements Split {}
    }
}
