package dev.shoestring.data;

import dev.shoestring.data.Documents.Part;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Tokenizes documents in batches and writes them as they come; the ends of the documents wait in a file beside it. */
final class TokenFileWriter {
    private static final int BATCH_DOCUMENTS = 1_000;
    private static final int BATCH_CHARACTERS = 1 << 20;
    private static final int BUFFER = 1 << 20;

    private final TokenEncoding encoding;
    private final TokenFile.Progress progress;
    private final FileChannel tokensFile;
    private final FileChannel endsFile;
    private final ByteBuffer tokenBytes = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer endBytes = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private final List<String> batch = new ArrayList<>();
    private int batchCharacters;
    private long characters;
    private long tokens;
    private int documents;

    private TokenFileWriter(
            TokenEncoding encoding, TokenFile.Progress progress, FileChannel tokensFile, FileChannel endsFile) {
        this.encoding = encoding;
        this.progress = progress;
        this.tokensFile = tokensFile;
        this.endsFile = endsFile;
    }

    /** Writes the file beside its place and moves it there when whole. */
    static void write(Path target, Documents corpus, Part part, TokenEncoding encoding, TokenFile.Progress progress)
            throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        Path draft = Files.createTempFile(folder, "tokens", ".tmp");
        Path ends = Files.createTempFile(folder, "ends", ".tmp");
        try {
            try (FileChannel tokensFile = FileChannel.open(draft, StandardOpenOption.WRITE);
                    FileChannel endsFile = FileChannel.open(ends, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                new TokenFileWriter(encoding, progress, tokensFile, endsFile).write(corpus, part);
            }
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        } finally {
            Files.deleteIfExists(draft);
            Files.deleteIfExists(ends);
        }
    }

    private void write(Documents corpus, Part part) throws IOException {
        tokensFile.position(TokenFileHeader.BYTES);
        DocumentReport report = corpus.read(part, document -> add(document.text()));
        encodeBatch();
        TokenFileHeader header = new TokenFileHeader(
                encoding.vocabularySize(), tokens, documents, report.characters(), report.bytes(), (int)
                        Math.min(Integer.MAX_VALUE, report.otherPart()));
        flush(tokenBytes, tokensFile);
        flush(endBytes, endsFile);
        long size = endsFile.size();
        tokensFile.position(header.endsAt());
        for (long at = 0; at < size; ) {
            at += endsFile.transferTo(at, size - at, tokensFile);
        }
        writeFully(header.write(), 0);
        tokensFile.force(false);
    }

    private void add(String text) {
        batch.add(text);
        batchCharacters += text.length();
        if (batch.size() == BATCH_DOCUMENTS || batchCharacters >= BATCH_CHARACTERS) {
            encodeBatch();
        }
    }

    private void encodeBatch() {
        if (batch.isEmpty()) {
            return;
        }
        List<int[]> encoded = encoding.encode().apply(List.copyOf(batch));
        if (encoded.size() != batch.size()) {
            throw new IllegalStateException(
                    "the tokenizer gave " + encoded.size() + " answers to " + batch.size() + " texts");
        }
        for (int[] ids : encoded) {
            append(ids);
        }
        characters += batchCharacters;
        batch.clear();
        batchCharacters = 0;
        progress.done(documents, characters, tokens);
    }

    private void append(int[] ids) {
        boolean narrow = encoding.vocabularySize() <= 1 << 16;
        for (int id : ids) {
            if (id < 0 || id >= encoding.vocabularySize()) {
                throw new InputException("the tokenizer gives id " + id + ", but its vocabulary has "
                        + encoding.vocabularySize() + " tokens; its files do not belong together");
            }
            if (tokenBytes.remaining() < Integer.BYTES) {
                flush(tokenBytes, tokensFile);
            }
            if (narrow) {
                tokenBytes.putShort((short) id);
            } else {
                tokenBytes.putInt(id);
            }
        }
        tokens += ids.length;
        documents = Math.incrementExact(documents);
        if (!endBytes.hasRemaining()) {
            flush(endBytes, endsFile);
        }
        endBytes.putLong(tokens);
    }

    private static void flush(ByteBuffer bytes, FileChannel file) {
        bytes.flip();
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
        bytes.clear();
    }

    private void writeFully(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += tokensFile.write(bytes, at);
        }
    }
}
