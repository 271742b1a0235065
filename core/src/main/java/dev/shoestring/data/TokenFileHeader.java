package dev.shoestring.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The first 64 bytes of a token file, little-endian: {@code SHOETOKS}, version, vocabulary size, tokens, documents, characters, bytes of
 * the texts in UTF-8, documents of the other part, and a CRC-32 of all that. Then come the tokens, two bytes each if the vocabulary has
 * at most 65,536, else four; padding to eight bytes; and the end of each document, eight bytes each.
 *
 * @param vocabularySize ids are below it
 * @param tokens tokens in the file
 * @param documents documents in the file
 * @param characters length of the texts in UTF-16 units
 * @param textBytes length of the texts in UTF-8
 * @param otherPart documents of the corpus that are in its other part
 */
record TokenFileHeader(int vocabularySize, long tokens, int documents, long characters, long textBytes, int otherPart) {
    static final int BYTES = 64;
    static final int VERSION = 1;

    private static final long MAGIC = 0x534B4F54454F4853L;
    private static final int CHECKED = 52;
    private static final long MOST_TOKENS = 1L << 50;

    /** Bytes of one token. */
    int width() {
        return vocabularySize <= 1 << 16 ? Short.BYTES : Integer.BYTES;
    }

    /** Where the ends of the documents begin. */
    long endsAt() {
        return (BYTES + tokens * width() + 7) / 8 * 8;
    }

    /** Size of the whole file. */
    long fileBytes() {
        return endsAt() + (long) documents * Long.BYTES;
    }

    ByteBuffer write() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC).putInt(VERSION).putInt(vocabularySize);
        bytes.putLong(tokens).putInt(documents).putLong(characters).putLong(textBytes);
        bytes.putInt(otherPart).putInt(0);
        CRC32 checksum = new CRC32();
        checksum.update(bytes.array(), 0, CHECKED);
        bytes.putLong(CHECKED, checksum.getValue());
        return bytes.clear();
    }

    /** The header, or null if these are not the bytes of one. */
    static @Nullable TokenFileHeader read(ByteBuffer bytes) {
        bytes.order(ByteOrder.LITTLE_ENDIAN).clear();
        CRC32 checksum = new CRC32();
        checksum.update(bytes.slice(0, CHECKED));
        if (bytes.getLong(CHECKED) != checksum.getValue() || bytes.getLong() != MAGIC || bytes.getInt() != VERSION) {
            return null;
        }
        TokenFileHeader header = new TokenFileHeader(
                bytes.getInt(), bytes.getLong(), bytes.getInt(), bytes.getLong(), bytes.getLong(), bytes.getInt());
        boolean possible =
                header.vocabularySize > 0 && header.tokens >= 0 && header.tokens <= MOST_TOKENS && header.documents > 0;
        return possible && header.write().equals(bytes.clear()) ? header : null;
    }
}
