package dev.shoestring.recipe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Guesses what a user's own data is for, from names and, of JSON, the fields of the first record: a folder with images is one of images,
 * another folder or a text file is a corpus, JSON records with the fields of conversations are conversations, and all else is a table.
 */
final class OwnData {
    private static final Set<String> IMAGES = Set.of("png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff");
    private static final Set<String> TEXTS = Set.of("txt", "text", "md", "rst", "adoc", "tex");
    private static final Set<String> RECORDS = Set.of("jsonl", "ndjson", "json");
    private static final List<Set<String>> CONVERSATIONS = List.of(
            Set.of("messages"),
            Set.of("conversations"),
            Set.of("instruction", "output"),
            Set.of("prompt", "completion"));
    private static final int LOOKED_AT = 10_000;
    private static final int DEEPEST = 12;
    private static final int LARGEST_RECORD = 4 << 20;
    private static final int MOST_FIELDS = 1000;

    private OwnData() {}

    /**
     * The task that data is for.
     *
     * @param labelled whether a column with labels was named: a file is a table then, whatever it looks like
     * @throws InputException if it is no path
     */
    static Task task(String data, boolean labelled) {
        Path path = path(data);
        if (Files.isDirectory(path)) {
            return folder(path);
        }
        if (labelled) {
            return Task.TEXT_CLASSIFICATION;
        }
        String name = data.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        String ending = name.substring(name.lastIndexOf('.') + 1);
        if (TEXTS.contains(ending)) {
            return Task.LANGUAGE_MODEL;
        }
        return RECORDS.contains(ending) && conversations(path) ? Task.CHAT : Task.TEXT_CLASSIFICATION;
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException noPath) {
            throw new InputException("--data: \"" + text + "\" is no path", noPath);
        }
    }

    /** A folder with neither is one of images: what is missing is said where images are read. */
    private static Task folder(Path folder) {
        boolean texts = false;
        try (Stream<Path> files = Files.walk(folder, DEEPEST)) {
            Iterator<Path> some = files.limit(LOOKED_AT).iterator();
            while (some.hasNext()) {
                String name = String.valueOf(some.next().getFileName()).toLowerCase(Locale.ROOT);
                String ending = name.substring(name.lastIndexOf('.') + 1);
                if (IMAGES.contains(ending)) {
                    return Task.IMAGE_CLASSIFICATION;
                }
                texts |= TEXTS.contains(ending);
            }
        } catch (IOException | UncheckedIOException unreadable) {
            throw new InputException("--data: " + folder + " cannot be read (" + unreadable + ")", unreadable);
        }
        return texts ? Task.LANGUAGE_MODEL : Task.IMAGE_CLASSIFICATION;
    }

    /** Whether the first record has the fields of conversations; what cannot be read is refused later, by who reads it. */
    private static boolean conversations(Path file) {
        Set<String> fields = new HashSet<>();
        try (InputStream in = open(file);
                JsonParser parser = factory().createParser(in.readNBytes(LARGEST_RECORD))) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_ARRAY) {
                token = parser.nextToken();
            }
            if (token != JsonToken.START_OBJECT) {
                return false;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME && fields.size() < MOST_FIELDS) {
                fields.add(parser.currentName());
                parser.nextToken();
                parser.skipChildren();
            }
        } catch (IOException unreadable) {
            return false;
        }
        return CONVERSATIONS.stream().anyMatch(fields::containsAll);
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".gz") ? new GZIPInputStream(in) : in;
    }

    private static JsonFactory factory() {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(64)
                        .maxStringLength(LARGEST_RECORD)
                        .maxNameLength(1_000)
                        .build())
                .build();
    }
}
