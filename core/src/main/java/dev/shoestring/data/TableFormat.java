package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.nio.file.Path;
import java.util.Locale;

/** What kind of table a file is, by the end of its name; {@code .gz} may follow. */
enum TableFormat {
    /** Comma, semicolon, tab or bar between cells; cells may be in double quotes. */
    CSV,
    /** Tabs between cells; quotes are letters like any other. */
    TSV,
    /** No telling extension: {@link #TSV} if the first line has a tab, else {@link #CSV}. */
    UNNAMED,
    /** One JSON object a line. */
    JSON_LINES,
    /** A JSON array of objects, or objects one after the other. */
    JSON,
    /** Apache Parquet. */
    PARQUET;

    private static final String KNOWN = ".csv, .tsv, .txt, .jsonl, .ndjson, .json and .parquet, each also with .gz";

    static TableFormat of(Path file) {
        String name = bareName(file);
        int dot = name.lastIndexOf('.');
        String extension = dot < 0 ? "" : name.substring(dot);
        return switch (extension) {
            case ".csv" -> CSV;
            case ".tsv", ".tab" -> TSV;
            case "", ".txt" -> UNNAMED;
            case ".jsonl", ".ndjson" -> JSON_LINES;
            case ".json" -> JSON;
            case ".parquet", ".pq" -> PARQUET;
            default ->
                throw new InputException(file + ": cannot read a table from a \"" + extension + "\" file; known: "
                        + KNOWN + " (from a spreadsheet, save as CSV in UTF-8)");
        };
    }

    static boolean gzipped(Path file) {
        return lowerName(file).endsWith(".gz");
    }

    private static String bareName(Path file) {
        String name = lowerName(file);
        return name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name;
    }

    private static String lowerName(Path file) {
        Path last = file.getFileName();
        return last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
    }
}
