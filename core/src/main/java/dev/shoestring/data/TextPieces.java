package dev.shoestring.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Cuts the bytes of a text file into documents without holding more than one of them. */
final class TextPieces {
    /** Longest document, in bytes. */
    static final int LARGEST = 64 << 20;

    private final String where;
    private final int largest;
    private final DocumentSink sink;
    private final BoundedLines in;

    private TextPieces(InputStream in, String where, int largest, DocumentSink sink) {
        this.in = new BoundedLines(in, largest);
        this.where = where;
        this.largest = largest;
        this.sink = sink;
    }

    /** Reads a file's documents; one longer than {@code largest} bytes is left out. */
    static void read(InputStream in, String where, DocumentUnit unit, int largest, DocumentSink sink)
            throws IOException {
        TextPieces pieces = new TextPieces(in, where, largest, sink);
        switch (unit) {
            case FILE -> whole(in, where, largest, sink);
            case LINE -> pieces.lines();
            case BLANK_LINE -> pieces.paragraphs();
        }
    }

    private static void whole(InputStream in, String where, int largest, DocumentSink sink) throws IOException {
        byte[] bytes = in.readNBytes(largest + 1);
        if (bytes.length > largest) {
            sink.leftOut(
                    DocumentSink.TOO_LONG,
                    where + " (more than " + (largest >> 20) + " MiB in one document; make each line or each block"
                            + " between blank lines a document)");
            return;
        }
        sink.bytes(bytes, bytes.length, where);
    }

    private void lines() throws IOException {
        while (in.next()) {
            emit(in.bytes(), in.tooLong(), in.number());
        }
    }

    private void paragraphs() throws IOException {
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        boolean pieceTooLong = false;
        long first = 0;
        while (in.next()) {
            byte[] line = in.bytes();
            if (!in.tooLong() && blank(line)) {
                if (first > 0) {
                    emit(piece.toByteArray(), pieceTooLong, first);
                }
                piece.reset();
                pieceTooLong = false;
                first = 0;
            } else {
                first = first == 0 ? in.number() : first;
                pieceTooLong |= in.tooLong() || piece.size() + line.length >= largest;
                if (pieceTooLong) {
                    piece.reset();
                } else {
                    piece.write(line);
                    piece.write('\n');
                }
            }
        }
        if (first > 0) {
            emit(piece.toByteArray(), pieceTooLong, first);
        }
    }

    private void emit(byte[] bytes, boolean tooLong, long firstLine) {
        String place = where + ", line " + firstLine;
        if (tooLong) {
            sink.leftOut(DocumentSink.TOO_LONG, place + " (more than " + (largest >> 20) + " MiB)");
            return;
        }
        int length = bytes.length;
        while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
            length--;
        }
        sink.bytes(bytes, length, place);
    }

    private static boolean blank(byte[] bytes) {
        for (byte one : bytes) {
            if (one <= 0 || one > ' ') {
                return false;
            }
        }
        return true;
    }
}
