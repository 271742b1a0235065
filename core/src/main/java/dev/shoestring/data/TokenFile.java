package dev.shoestring.data;

import dev.shoestring.data.Documents.Part;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A corpus tokenized once, in a file that is mapped into memory: Java's heap holds none of it, and it may be larger than 2 GiB. Its name
 * is made of the contents and settings of the sources, the part and the tokenizer's hash, so that any change makes another file. A file
 * that is damaged or cut short is made again. May be read by several threads.
 */
public final class TokenFile {
    /** A multiple of eight, so that no token and no end of a document lies across two of them. */
    private static final long SEGMENT = 1L << 30;

    private final Path path;
    private final TokenFileHeader header;
    private final List<ByteBuffer> segments;

    private TokenFile(Path path, TokenFileHeader header, List<ByteBuffer> segments) {
        this.path = path;
        this.header = header;
        this.segments = segments;
    }

    /** Told how far the tokenizing is. */
    public interface Progress {
        /** So many documents with so many characters became so many tokens. */
        void done(long documents, long characters, long tokens);
    }

    /**
     * Opens the file of a part of a corpus in the cache, tokenizing it first if there is none.
     *
     * @throws InputException if the corpus cannot be read, has no document in the part, or the cache cannot be written
     */
    public static TokenFile of(Documents corpus, Part part, TokenEncoding encoding, Progress progress) {
        return in(CacheFolder.of("tokens"), corpus, part, encoding, progress);
    }

    /** As above, with a folder of one's own for the cache. */
    public static TokenFile in(Path folder, Documents corpus, Part part, TokenEncoding encoding, Progress progress) {
        String name = Document.keyOf(corpus.fingerprint(part) + "\n" + encoding.hash() + "\n"
                + encoding.vocabularySize() + "\n" + TokenFileHeader.VERSION);
        Path path = folder.resolve(name + ".tokens");
        try {
            Files.createDirectories(folder);
            TokenFile there = open(path);
            if (there != null && there.vocabularySize() == encoding.vocabularySize()) {
                return there;
            }
            TokenFileWriter.write(path, corpus, part, encoding, progress);
            TokenFile made = open(path);
            if (made == null) {
                throw new IOException("what was written to " + path + " cannot be read back");
            }
            return made;
        } catch (IOException failed) {
            throw new InputException(
                    folder + ": the cache of tokens cannot be written or read (" + failed
                            + "); free space, or name another folder by the environment variable SHOESTRING_CACHE",
                    failed);
        }
    }

    /** Opens a file; null if there is none or it is not whole. */
    private static @Nullable TokenFile open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return null;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer first = ByteBuffer.allocate(TokenFileHeader.BYTES);
            int count = 0;
            while (first.hasRemaining() && count >= 0) {
                count = channel.read(first);
            }
            TokenFileHeader header = first.hasRemaining() ? null : TokenFileHeader.read(first);
            if (header == null || channel.size() != header.fileBytes()) {
                return null;
            }
            List<ByteBuffer> segments = new ArrayList<>();
            for (long from = 0; from < header.fileBytes(); from += SEGMENT) {
                MappedByteBuffer segment =
                        channel.map(FileChannel.MapMode.READ_ONLY, from, Math.min(SEGMENT, header.fileBytes() - from));
                segments.add(segment.order(ByteOrder.LITTLE_ENDIAN));
            }
            TokenFile file = new TokenFile(path, header, segments);
            return file.endsRise() ? file : null;
        }
    }

    /** Where the file is. */
    public Path path() {
        return path;
    }

    /** Number of tokens. */
    public long tokens() {
        return header.tokens();
    }

    /** Number of documents. */
    public int documents() {
        return header.documents();
    }

    /** Ids are below this number. */
    public int vocabularySize() {
        return header.vocabularySize();
    }

    /** Length of the texts in UTF-16 units. */
    public long characters() {
        return header.characters();
    }

    /** Length of the texts in UTF-8: a loss in nats a token is {@code loss · tokens / (ln 2 · textBytes)} bits per byte. */
    public long textBytes() {
        return header.textBytes();
    }

    /** Documents that the corpus has in its other part. */
    public int otherPart() {
        return header.otherPart();
    }

    /** Bytes of one token in the file: 2 or 4. */
    public int tokenBytes() {
        return header.width();
    }

    /** Position of a document's first token. */
    public long start(int document) {
        return document == 0 ? 0 : end(document - 1);
    }

    /** Position after a document's last token. */
    public long end(int document) {
        if (document < 0 || document >= documents()) {
            throw new IndexOutOfBoundsException("document " + document + " of " + documents());
        }
        return longAt(header.endsAt() + (long) document * Long.BYTES);
    }

    /**
     * Tokens from a position on.
     *
     * @throws InputException if the file was damaged since it was written
     */
    public int[] read(long from, int length) {
        int[] ids = new int[length];
        read(from, ids, 0, length);
        return ids;
    }

    /** Copies tokens into an array. */
    public void read(long from, int[] target, int at, int length) {
        if (from < 0 || length < 0 || from + length > tokens()) {
            throw new IndexOutOfBoundsException("tokens " + from + " to " + (from + length) + " of " + tokens());
        }
        int width = header.width();
        long position = TokenFileHeader.BYTES + from * width;
        for (int i = 0; i < length; i++, position += width) {
            ByteBuffer segment = segments.get((int) (position / SEGMENT));
            int offset = (int) (position % SEGMENT);
            int id = width == Short.BYTES ? segment.getShort(offset) & 0xFFFF : segment.getInt(offset);
            if (id < 0 || id >= vocabularySize()) {
                throw new InputException(path + ": is damaged, token " + (from + i) + " is " + id
                        + " of a vocabulary of " + vocabularySize() + "; delete the file, and it is made again");
            }
            target[at + i] = id;
        }
    }

    private long longAt(long position) {
        return segments.get((int) (position / SEGMENT)).getLong((int) (position % SEGMENT));
    }

    private boolean endsRise() {
        long before = 0;
        for (int i = 0; i < documents(); i++) {
            long end = end(i);
            if (end < before) {
                return false;
            }
            before = end;
        }
        return before == tokens();
    }
}
