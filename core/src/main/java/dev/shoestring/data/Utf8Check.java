package dev.shoestring.data;

import dev.shoestring.recipe.InputException;

/** Checks a stream of bytes for UTF-8 as RFC 3629 defines it, and knows the line it is in. */
final class Utf8Check {
    private final String path;
    private long line = 1;
    /** Continuation bytes still to come, and the range the next of them must lie in. */
    private int pending;

    private int lead;

    private int lowest = 0x80;
    private int highest = 0xBF;
    private boolean sawNothing = true;

    Utf8Check(String path) {
        this.path = path;
    }

    /** Line of the next byte, from 1. */
    long line() {
        return line;
    }

    /** Checks the first {@code length} bytes of the buffer, which follow those of the call before. */
    void accept(byte[] buffer, int length) {
        if (sawNothing && length >= 2) {
            refuseUtf16(buffer[0] & 0xFF, buffer[1] & 0xFF);
        }
        sawNothing = false;
        for (int i = 0; i < length; i++) {
            int value = buffer[i];
            if (pending == 0 && value >= 0) {
                if (value == '\n') {
                    line++;
                } else if (value == 0) {
                    throw new InputException(path + ", line " + line
                            + ": holds a zero byte, which text never does; save the file as UTF-8 text");
                }
            } else {
                acceptWide(value & 0xFF);
            }
        }
    }

    /** To be called after the last byte. */
    void end() {
        if (pending > 0) {
            throw new InputException(path + ", line " + line + ": ends in the middle of a letter; copy the file again");
        }
    }

    private void acceptWide(int value) {
        if (pending > 0) {
            if (value < lowest || value > highest) {
                throw notUtf8(lead);
            }
            pending--;
            lowest = 0x80;
            highest = 0xBF;
            return;
        }
        lead = value;
        if (value >= 0xC2 && value <= 0xDF) {
            pending = 1;
        } else if (value >= 0xE0 && value <= 0xEF) {
            pending = 2;
            lowest = value == 0xE0 ? 0xA0 : 0x80;
            highest = value == 0xED ? 0x9F : 0xBF;
        } else if (value >= 0xF0 && value <= 0xF4) {
            pending = 3;
            lowest = value == 0xF0 ? 0x90 : 0x80;
            highest = value == 0xF4 ? 0x8F : 0xBF;
        } else {
            throw notUtf8(value);
        }
    }

    private InputException notUtf8(int value) {
        return new InputException(String.format(
                "%s, line %d: must be UTF-8, but byte 0x%02X is not (Windows-1252 or Latin-1?); save the file as UTF-8",
                path, line, value));
    }

    private void refuseUtf16(int first, int second) {
        if ((first == 0xFF && second == 0xFE) || (first == 0xFE && second == 0xFF)) {
            throw new InputException(path + ": must be UTF-8, but is UTF-16; save the file as UTF-8");
        }
    }
}
