package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A corpus: the documents of its sources, one after the other in the same order each time. Each different text is given once; blank
 * ones are left out. Texts that are not UTF-8 are left out and counted, unless they are most of a source. None is kept: a reading holds
 * one document and 16 bytes for each that it has seen.
 */
public final class Documents {
    private static final String REPEATED = "repeated";
    private static final String BLANK = "blank";
    private static final String NOT_ASKED_FOR = "more than data.train_examples";

    private final List<TextSource> sources;
    private final ContentSplit split;
    private final long most;

    /** Which documents a reading gives. */
    public enum Part {
        /** All. */
        ALL,
        /** Those to train on. */
        TRAIN,
        /** Those held out. */
        HELD_OUT
    }

    /**
     * Describes a corpus; nothing is read yet.
     *
     * @param split which documents are held out
     */
    public Documents(List<TextSource> sources, ContentSplit split) {
        this(sources, split, Long.MAX_VALUE);
    }

    /**
     * Describes a corpus of which at most so many documents are trained on, the first ones; nothing is read yet.
     *
     * @param split which documents are held out
     * @param most at least 1
     */
    public Documents(List<TextSource> sources, ContentSplit split, long most) {
        if (most < 1) {
            throw new IllegalArgumentException("at least one document must be trained on: " + most);
        }
        this.sources = List.copyOf(sources);
        this.split = split;
        this.most = most;
    }

    /**
     * Reads a part of the corpus.
     *
     * @throws InputException if a source cannot be read or there is no document in the part
     */
    public DocumentReport read(Part part, Consumer<Document> documents) {
        Reading reading = new Reading(part, documents);
        DocumentSink sink = new DocumentSink(reading::accept);
        reading.sink = sink;
        for (TextSource source : sources) {
            read(source, sink);
            sink.endOfSource();
        }
        if (reading.given == 0) {
            throw new InputException(names() + ": " + nothing(part, reading.others)
                    + (sink.named().isEmpty() ? "" : " (left out: " + String.join("; ", sink.named()) + ")"));
        }
        return new DocumentReport(
                reading.given, reading.characters, reading.bytes, reading.others, sink.dropped(), sink.named());
    }

    /** Keys of all documents, for {@link ContentSplit.Listed}. */
    public Set<String> keys() {
        Set<String> keys = new HashSet<>();
        read(Part.ALL, document -> keys.add(document.key()));
        return keys;
    }

    /**
     * A hash of what the sources hold, of what their settings are, and of the part, without its details. Files are read to their ends
     * and queries run for it.
     */
    public String fingerprint(Part part) {
        StringBuilder text = new StringBuilder("documents 1 " + part);
        if (part != Part.ALL) {
            text.append('\n').append(splitText());
        }
        if (part == Part.TRAIN && most < Long.MAX_VALUE) {
            text.append("\nthe first ").append(most);
        }
        for (TextSource source : sources) {
            text.append('\n').append(source.fingerprint());
        }
        return Document.keyOf(text.toString());
    }

    /** The sources, for messages. */
    String names() {
        return String.join(", ", sources.stream().map(TextSource::name).toList());
    }

    private String splitText() {
        if (split instanceof ContentSplit.Listed listed) {
            return "listed "
                    + Document.keyOf(
                            String.join(" ", listed.keys().stream().sorted().toList()));
        }
        return split.toString();
    }

    private static String nothing(Part part, long others) {
        if (others == 0) {
            return "has no text";
        }
        return part == Part.TRAIN
                ? "has no document to train on, all " + others + " are held out; hold out a smaller share"
                : "has no document to hold out, all " + others
                        + " are to train on; hold out a larger share, make the documents smaller (lines or blocks between"
                        + " blank lines), or give a file of held-out texts";
    }

    private static void read(TextSource source, DocumentSink sink) {
        if (source instanceof TextSource.Text text) {
            readText(text, sink);
        } else if (source instanceof TextSource.Folder folder) {
            TextFolder.read(folder, sink);
        } else if (source instanceof TextSource.Archive archive) {
            TextArchive.read(archive, sink);
        } else if (source instanceof TextSource.Table table) {
            TextColumn.read(table, sink);
        } else if (source instanceof TextSource.WordNet wordNet) {
            WordNetGlosses.read(wordNet, sink);
        } else if (source instanceof TextSource.Slice slice) {
            sink.cutting(slice::of, () -> read(slice.source(), sink));
        } else {
            throw new IllegalStateException("unknown source: " + source);
        }
    }

    private static void readText(TextSource.Text text, DocumentSink sink) {
        TableFile.require(text.name());
        try (InputStream in = TableFile.open(text.file())) {
            TextPieces.read(in, text.name(), text.unit(), TextPieces.LARGEST, sink);
        } catch (IOException e) {
            throw TableFile.unreadable(text.name(), e);
        }
    }

    /** Sorts texts into parts and counts them. */
    private final class Reading {
        private final Part part;
        private final Consumer<Document> documents;
        private final SeenKeys seen = new SeenKeys();
        private DocumentSink sink = new DocumentSink(text -> {});
        private long given;
        private long others;
        private long characters;
        private long bytes;

        Reading(Part part, Consumer<Document> documents) {
            this.part = part;
            this.documents = documents;
        }

        void accept(String text) {
            if (text.isBlank()) {
                sink.leftOut(BLANK);
                return;
            }
            Document document = Document.of(text);
            if (!seen.add(document.key())) {
                sink.leftOut(REPEATED);
                return;
            }
            if (part != Part.ALL && split.holds(document.key()) != (part == Part.HELD_OUT)) {
                others++;
                return;
            }
            if (part == Part.TRAIN && given == most) {
                sink.leftOut(NOT_ASKED_FOR);
                return;
            }
            given++;
            characters += text.length();
            bytes += utf8Length(text);
            documents.accept(document);
        }
    }

    private static long utf8Length(String text) {
        long length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            // A pair of surrogates is four bytes.
            length += letter < 0x80 ? 0 : letter < 0x800 || Character.isSurrogate(letter) ? 1 : 2;
        }
        return length;
    }
}
