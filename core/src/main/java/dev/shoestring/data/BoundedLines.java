package dev.shoestring.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** The lines of a stream as bytes, without their ends; of a line that is too long nothing is kept. */
final class BoundedLines {
    private final InputStream in;
    private final int largest;
    private final byte[] buffer = new byte[1 << 16];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean tooLong;
    private long number;
    private int next;
    private int filled;

    /** Reads lines of at most {@code largest} bytes. */
    BoundedLines(InputStream in, int largest) {
        this.in = in;
        this.largest = largest;
    }

    /** Goes to the next line; false if there is none. */
    boolean next() throws IOException {
        line.reset();
        tooLong = false;
        boolean any = false;
        while (true) {
            if (next == filled) {
                next = 0;
                filled = Math.max(0, in.read(buffer));
                if (filled == 0) {
                    number += any ? 1 : 0;
                    return any;
                }
            }
            any = true;
            int from = next;
            while (next < filled && buffer[next] != '\n') {
                next++;
            }
            keep(from, next);
            if (next < filled) {
                next++;
                number++;
                return true;
            }
        }
    }

    /** The line; empty if it is too long. */
    byte[] bytes() {
        return line.toByteArray();
    }

    /** Whether the line is longer than is kept. */
    boolean tooLong() {
        return tooLong;
    }

    /** Number of the line, from 1. */
    long number() {
        return number;
    }

    private void keep(int from, int to) {
        if (tooLong || line.size() + (to - from) > largest) {
            tooLong = true;
            line.reset();
        } else {
            line.write(buffer, from, to - from);
        }
    }
}
