package dev.shoestring.text;

import java.nio.charset.StandardCharsets;

/** The 256 characters by which byte-level BPE writes bytes (GPT-2): printable ones stand for themselves, the others are moved up. */
final class ByteAlphabet {
    private static final char[] LETTERS = letters();

    private ByteAlphabet() {}

    private static char[] letters() {
        char[] letters = new char[256];
        char moved = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE);
            letters[b] = printable ? (char) b : moved++;
        }
        return letters;
    }

    /** The letter of a byte, 0 to 255. */
    static char letter(int unsignedByte) {
        return LETTERS[unsignedByte];
    }

    /** The bytes of a text in UTF-8, as letters. */
    static String written(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        char[] written = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            written[i] = LETTERS[bytes[i] & 0xFF];
        }
        return new String(written);
    }
}
