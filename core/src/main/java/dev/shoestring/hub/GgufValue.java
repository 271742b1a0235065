package dev.shoestring.hub;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A value of GGUF's metadata; the numbers of the types are those of the format's specification. */
public sealed interface GgufValue {
    /** Number of the type. */
    int type();

    /** Writes the value without its type. */
    void write(LittleEndian out);

    /** A whole number of 32 bits. */
    record Whole(int value) implements GgufValue {
        @Override
        public int type() {
            return 4;
        }

        @Override
        public void write(LittleEndian out) {
            out.putInt(value);
        }
    }

    /** A number in single precision. */
    record Real(float value) implements GgufValue {
        @Override
        public int type() {
            return 6;
        }

        @Override
        public void write(LittleEndian out) {
            out.putFloat(value);
        }
    }

    /** A truth value. */
    record Flag(boolean value) implements GgufValue {
        @Override
        public int type() {
            return 7;
        }

        @Override
        public void write(LittleEndian out) {
            out.putByte(value ? 1 : 0);
        }
    }

    /** A text in UTF-8. */
    record Text(String value) implements GgufValue {
        @Override
        public int type() {
            return 8;
        }

        @Override
        public void write(LittleEndian out) {
            out.putText(value.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Values of one type; not empty. */
    record Values(List<? extends GgufValue> values) implements GgufValue {
        /** Copies the list. */
        public Values {
            values = List.copyOf(values);
        }

        @Override
        public int type() {
            return 9;
        }

        @Override
        public void write(LittleEndian out) {
            out.putInt(values.get(0) instanceof Whole ? SIGNED : values.get(0).type());
            out.putLong(values.size());
            values.forEach(value -> value.write(out));
        }
    }

    /** Arrays of whole numbers are signed, as llama.cpp writes the kinds of tokens. */
    int SIGNED = 5;
}
