package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads {@code data}. */
final class DataParser {
    private static final List<String> READERS = List.of("wordnet-definitions");
    private static final List<String> LANGUAGE_READERS = List.of("wordnet-texts");
    private static final List<String> CHAT_READERS = List.of("wordnet-glossary");
    private static final double DEFAULT_SHARE = 0.1;

    private DataParser() {}

    private static final Pattern PACKAGE = Pattern.compile("(debian|npm):[a-z0-9@][a-z0-9@/+._-]*");

    static DataSpec read(Section recipe, Task task) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> texts(recipe);
            case IMAGE_CLASSIFICATION -> images(recipe);
            case LANGUAGE_MODEL ->
                language(
                        recipe,
                        LANGUAGE_READERS,
                        "a text file, a folder, a jar or a table",
                        "text",
                        "document",
                        "extensions",
                        "more");
            case CHAT -> language(recipe, CHAT_READERS, "a JSON or JSONL file of conversations", "form");
            case PREFERENCE -> language(recipe, List.of(), "a JSON or JSONL file of pairs (prompt, chosen, rejected)");
        };
    }

    private static DataSpec images(Section recipe) {
        Section data = recipe.section(
                "data",
                "train",
                "query",
                "from",
                "reader",
                "image",
                "label",
                "validation",
                "test",
                "train_examples",
                "size",
                "most_broken");
        DataSpec.Source source = source(data, List.of("idx"), "a folder of class folders, a table of paths and labels");
        if (source instanceof DataSpec.Source.Bundled) {
            data.noEffect("with data.reader, which brings its own", "image", "label", "test");
        }
        return new DataSpec(
                source,
                data.text("image"),
                data.text("label"),
                split(data, "validation"),
                split(data, "test"),
                data.integer("train_examples", 1, 1_000_000_000),
                0);
    }

    private static DataSpec language(Section recipe, List<String> readers, String what, String... more) {
        List<String> keys =
                new ArrayList<>(List.of("train", "query", "validation", "test", "train_examples", "sequence_length"));
        keys.addAll(List.of(more));
        if (!readers.isEmpty()) {
            keys.addAll(List.of("from", "reader"));
        }
        Section data = recipe.section("data", keys.toArray(new String[0]));
        DataSpec.Source source = source(data, readers, what);
        if (source instanceof DataSpec.Source.Bundled) {
            data.noEffect("with data.reader, which brings its own", "text", "form");
            if (!data.has("more")) {
                data.noEffect("with data.reader, which brings its own", "document", "extensions");
            }
            if (readers.equals(CHAT_READERS)) {
                data.noEffect(
                        "with data.reader: wordnet-glossary, which holds out 500 words of its own",
                        "validation",
                        "test");
            }
        }
        return new DataSpec(
                source,
                List.of(more).contains("text") ? data.text("text") : null,
                null,
                split(data, "validation"),
                data.has("test") ? split(data, "test") : new DataSpec.Split.Fraction(0),
                data.integer("train_examples", 1, 1_000_000_000),
                0);
    }

    private static DataSpec texts(Section recipe) {
        Section data = recipe.section(
                "data",
                "train",
                "query",
                "from",
                "reader",
                "text",
                "label",
                "validation",
                "test",
                "train_examples",
                "max_tokens");
        DataSpec.Source source = source(data, READERS, "a CSV, TSV, JSONL or Parquet file");
        if (source instanceof DataSpec.Source.Bundled) {
            data.noEffect("with data.reader, which brings its own", "text", "label", "validation", "test");
        }
        return new DataSpec(
                source,
                data.text("text"),
                data.text("label"),
                split(data, "validation"),
                split(data, "test"),
                data.integer("train_examples", 1, 1_000_000_000),
                data.integer("max_tokens", 64, 4, 512));
    }

    private static DataSpec.Source source(Section data, List<String> readers, String what) {
        List<String> given =
                Stream.of("train", "query", "from").filter(data::has).toList();
        if (given.isEmpty()) {
            data.problem(
                    "train",
                    "is required: " + what + "; or data.query"
                            + (readers.isEmpty() ? "" : ", or data.from with data.reader"));
        } else if (given.size() > 1) {
            data.problem(given.get(1), "cannot be given together with data." + given.get(0) + "; keep one of them");
        }
        if (data.has("from") && !readers.isEmpty()) {
            if (!data.has("reader")) {
                data.problem("reader", "is required with data.from; valid: " + String.join(", ", readers));
            }
            String reader = data.choice("reader", readers.get(0), readers, List.of());
            return new DataSpec.Source.Bundled(
                    reader.equals("idx") ? systemPackage(data) : ReferenceParser.readMaven(data, "from"), reader);
        }
        if (!readers.isEmpty()) {
            data.noEffect("without data.from", "reader");
        }
        @Nullable String train = data.text("train");
        @Nullable String query = data.text("query");
        return query != null ? new DataSpec.Source.Query(query) : new DataSpec.Source.File(train == null ? "" : train);
    }

    private static String systemPackage(Section data) {
        @Nullable String from = data.text("from");
        if (from != null && !PACKAGE.matcher(from).matches()) {
            data.problem("from", "must be debian:PACKAGE or npm:PACKAGE, but is " + Section.quoted(from));
        }
        return from == null ? "" : from;
    }

    private static DataSpec.Split split(Section data, String key) {
        JsonNode value = data.has(key) ? data.value(key) : null;
        if (value != null && value.isTextual()) {
            String path = data.text(key);
            return new DataSpec.Split.File(path == null ? "" : path);
        }
        if (value != null && !value.isNumber()) {
            data.problem(key, "must be a share from 0 to 0.5 or a file, but is " + Section.found(value));
            return new DataSpec.Split.Fraction(DEFAULT_SHARE);
        }
        return new DataSpec.Split.Fraction(
                value == null ? DEFAULT_SHARE : data.number(key, DEFAULT_SHARE, Range.closed(0, 0.5)));
    }
}
