package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A table in text form whose every byte was checked before the table reader sees it.
 *
 * @param format never {@link TableFormat#UNNAMED} or {@link TableFormat#PARQUET}
 * @param delimiter between cells of CSV and TSV; of no meaning for JSON
 * @param header names of the columns of CSV and TSV; empty for JSON
 * @param rows rows of CSV and TSV; of no meaning for JSON
 */
record CheckedFile(TableFormat format, char delimiter, List<String> header, long rows) {
    private static final int CHUNK = 1 << 16;
    private static final String DELIMITERS = ",;\t|";

    /** Reads the file through once. */
    static CheckedFile of(Path file, TableFormat named) {
        String path = file.toString();
        try (InputStream in = TableFile.open(file)) {
            byte[] buffer = new byte[CHUNK];
            int length = in.readNBytes(buffer, 0, CHUNK);
            int start = byteOrderMark(buffer, length);
            refuseBlank(path, buffer, start, length);
            TableFormat format = named == TableFormat.UNNAMED ? guess(buffer, length) : named;
            Utf8Check letters = new Utf8Check(path);
            if (format == TableFormat.JSON || format == TableFormat.JSON_LINES) {
                for (; length > 0; length = in.readNBytes(buffer, 0, CHUNK)) {
                    letters.accept(buffer, length);
                }
                letters.end();
                return new CheckedFile(format, ',', List.of(), 0);
            }
            char delimiter = format == TableFormat.TSV ? '\t' : delimiter(buffer, start, length);
            CellCheck cells = new CellCheck(path, delimiter, format == TableFormat.CSV);
            for (; length > 0; length = in.readNBytes(buffer, 0, CHUNK)) {
                letters.accept(buffer, length);
                cells.accept(buffer, start, length);
                start = 0;
            }
            letters.end();
            cells.end();
            checkHeader(path, cells);
            return new CheckedFile(format, delimiter, cells.header(), cells.rows());
        } catch (IOException e) {
            throw TableFile.unreadable(path, e);
        }
    }

    private static void checkHeader(String path, CellCheck cells) {
        Set<String> seen = new HashSet<>();
        for (String name : cells.header()) {
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                throw new InputException(
                        path + ": the header names column \"" + name + "\" twice (case ignored); rename one of them");
            }
        }
        if (cells.rows() == 0) {
            throw new InputException(path + ": has a header (" + String.join(", ", cells.header())
                    + ") but no rows; add labelled rows, and a header line if that was a row");
        }
    }

    private static void refuseBlank(String path, byte[] buffer, int start, int length) {
        for (int i = start; i < length; i++) {
            if (buffer[i] < 0 || buffer[i] > ' ') {
                return;
            }
        }
        if (length < CHUNK) {
            throw new InputException(path + ": is empty, expected a header line and rows");
        }
    }

    private static int byteOrderMark(byte[] buffer, int length) {
        byte[] mark = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
        return length >= mark.length && Arrays.equals(buffer, 0, mark.length, mark, 0, mark.length) ? mark.length : 0;
    }

    private static TableFormat guess(byte[] buffer, int length) {
        for (int i = 0; i < length && buffer[i] != '\n'; i++) {
            if (buffer[i] == '\t') {
                return TableFormat.TSV;
            }
        }
        return TableFormat.CSV;
    }

    /** The delimiter that occurs most often outside quotes in the header; the comma if none does. */
    private static char delimiter(byte[] buffer, int start, int length) {
        int[] counts = new int[DELIMITERS.length()];
        boolean quoted = false;
        for (int i = start; i < length && (quoted || buffer[i] != '\n'); i++) {
            int kind = DELIMITERS.indexOf(buffer[i]);
            if (buffer[i] == '"') {
                quoted = !quoted;
            } else if (!quoted && kind >= 0) {
                counts[kind]++;
            }
        }
        int best = 0;
        for (int kind = 1; kind < counts.length; kind++) {
            if (counts[kind] > counts[best]) {
                best = kind;
            }
        }
        return DELIMITERS.charAt(best);
    }
}
