package dev.shoestring.recipe;

import java.util.Locale;
import java.util.regex.Pattern;

/** Names of runs, which name folders on any system. */
final class RunName {
    /** Letters, digits, dots, dashes and underscores; starts with a letter or digit; at most 64. */
    static final Pattern VALID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private RunName() {}

    /** The nearest valid name. */
    static String of(String text) {
        String name = text.replaceAll("[^A-Za-z0-9._-]+", "-")
                .replaceFirst("^[._-]+", "")
                .replaceFirst("[.-]+$", "");
        String shortened = name.substring(0, Math.min(64, name.length()));
        return shortened.isEmpty() ? "run" : shortened;
    }

    /** The name of the run on a table: the file's name without its extensions. */
    static String ofTable(String path) {
        String file = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        return of(file.toLowerCase(Locale.ROOT)
                .replaceFirst("\\.gz$", "")
                .replaceFirst("\\.(csv|tsv|txt|jsonl|ndjson|json|parquet)$", ""));
    }
}
