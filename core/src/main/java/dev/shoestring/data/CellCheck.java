package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks over the bytes of a CSV or TSV file (RFC 4180; a quote within an unquoted cell is an ordinary character) without keeping
 * them: reads the header and checks the size of every cell, the number of cells in every row, and the quotes.
 */
final class CellCheck {
    /** Longest cell, in bytes. */
    static final int LONGEST_CELL = 1 << 20;

    private static final int MOST_COLUMNS = 10_000;
    private static final int NO_QUOTES = -1;

    private enum State {
        CELL_START,
        UNQUOTED,
        QUOTED,
        AFTER_QUOTE
    }

    private final String path;
    private final byte delimiter;
    private final int quote;
    private final List<String> header = new ArrayList<>();
    private final ByteArrayOutputStream headerCell = new ByteArrayOutputStream();
    private State state = State.CELL_START;
    private boolean headerDone;
    private boolean rowStarted;
    private boolean lastWasReturn;
    private int cell;
    private int cellBytes;
    private long line = 1;
    private long rowLine = 1;
    private long quoteLine = 1;
    private long rows;

    CellCheck(String path, char delimiter, boolean quotes) {
        this.path = path;
        this.delimiter = (byte) delimiter;
        this.quote = quotes ? '"' : NO_QUOTES;
    }

    /** The names in the first row. */
    List<String> header() {
        return List.copyOf(header);
    }

    /** Rows after the header; blank lines do not count. */
    long rows() {
        return rows;
    }

    /** Checks the bytes from {@code from} to {@code to}, which follow those of the call before. */
    void accept(byte[] buffer, int from, int to) {
        for (int i = from; i < to; i++) {
            accept(buffer[i]);
        }
    }

    /** To be called after the last byte. */
    void end() {
        if (state == State.QUOTED) {
            throw new InputException(
                    path + ", line " + quoteLine
                            + ": a cell opens with a quote (\") that never closes; close it, or double quotes that are meant as text");
        }
        if (rowStarted) {
            endRow();
        }
    }

    private void accept(byte value) {
        boolean newline = value == '\n';
        switch (state) {
            case QUOTED -> {
                if (value == quote) {
                    state = State.AFTER_QUOTE;
                } else {
                    keep(value);
                }
            }
            case AFTER_QUOTE -> {
                if (value == quote) {
                    keep(value);
                    state = State.QUOTED;
                } else if (!endsCell(value) && value != '\r') {
                    throw new InputException(path + ", line " + line
                            + ": text follows a closing quote (\"); double quotes that are meant as text");
                }
            }
            case CELL_START -> {
                if (value == quote) {
                    state = State.QUOTED;
                    quoteLine = line;
                    rowStarted = true;
                } else if (!endsCell(value)) {
                    state = State.UNQUOTED;
                    keep(value);
                }
            }
            case UNQUOTED -> {
                if (!endsCell(value)) {
                    keep(value);
                }
            }
        }
        lastWasReturn = value == '\r';
        if (newline) {
            line++;
            if (!rowStarted) {
                rowLine = line;
            }
        }
    }

    private boolean endsCell(byte value) {
        if (value == delimiter) {
            rowStarted = true;
            endCell();
            return true;
        }
        if (value == '\n') {
            boolean blank = !rowStarted && (cellBytes == 0 || (cellBytes == 1 && lastWasReturn));
            if (blank) {
                headerCell.reset();
                cellBytes = 0;
                state = State.CELL_START;
            } else {
                endRow();
            }
            return true;
        }
        return false;
    }

    private void keep(byte value) {
        if (value != '\r') {
            rowStarted = true;
        }
        if (++cellBytes > LONGEST_CELL) {
            throw new InputException(path + ", line " + rowLine + ": cell " + (cell + 1)
                    + " is longer than 1 MiB, the most a cell may hold; is a quote or a line break missing?");
        }
        if (!headerDone) {
            headerCell.write(value);
        }
    }

    private void endCell() {
        if (!headerDone) {
            header.add(headerCell.toString(StandardCharsets.UTF_8));
            headerCell.reset();
            if (header.size() > MOST_COLUMNS) {
                throw new InputException(
                        path + ": the header has more than " + MOST_COLUMNS + " columns; is it a table?");
            }
        }
        cell++;
        cellBytes = 0;
        state = State.CELL_START;
    }

    private void endRow() {
        endCell();
        if (!headerDone) {
            headerDone = true;
            header.replaceAll(name -> name.strip().replace("\uFEFF", ""));
        } else {
            rows++;
            if (cell != header.size()) {
                throw new InputException(path + ", line " + rowLine + ": has " + cell + " cells, but the header has "
                        + header.size() + "; put texts that hold the delimiter in quotes");
            }
        }
        cell = 0;
        rowStarted = false;
        rowLine = line + 1;
    }
}
