package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Where sources put their texts: what is no text is counted and the first few are named. */
final class DocumentSink {
    static final String INVALID = "not UTF-8";
    static final String BINARY = "binary";
    static final String TOO_LONG = "too long";

    private static final int NAMED = 5;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final Consumer<String> texts;
    private final Map<String, Integer> dropped = new LinkedHashMap<>();
    private final List<String> named = new ArrayList<>();
    private UnaryOperator<String> cut = UnaryOperator.identity();
    private long sourceTexts;
    private long sourceInvalid;
    private String firstInvalid = "";

    DocumentSink(Consumer<String> texts) {
        this.texts = texts;
    }

    /** Takes a text. */
    void text(String text) {
        sourceTexts++;
        texts.accept(cut.apply(text));
    }

    /** Cuts each text before those who asked for the texts see it, while the reading runs. */
    void cutting(UnaryOperator<String> by, Runnable reading) {
        UnaryOperator<String> outer = cut;
        cut = text -> outer.apply(by.apply(text));
        try {
            reading.run();
        } finally {
            cut = outer;
        }
    }

    /** Takes a text as bytes, which must be UTF-8; a byte-order mark at the beginning goes. */
    void bytes(byte[] bytes, int length, String where) {
        int from = startsWithMark(bytes, length) ? BYTE_ORDER_MARK.length : 0;
        for (int i = from; i < length; i++) {
            if (bytes[i] == 0) {
                leftOut(BINARY, where);
                return;
            }
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, from, length - from))
                    .toString();
        } catch (CharacterCodingException invalid) {
            sourceInvalid++;
            firstInvalid = firstInvalid.isEmpty() ? where : firstInvalid;
            leftOut(INVALID, where);
            return;
        }
        text(text);
    }

    /** Counts a text that is left out. */
    void leftOut(String reason, String where) {
        leftOut(reason);
        if (named.size() < NAMED) {
            named.add(where + ": " + reason);
        }
    }

    /** Counts a text that is left out for a reason that needs no place. */
    void leftOut(String reason) {
        dropped.merge(reason, 1, Integer::sum);
    }

    /** To be called after each source: refuses one most of whose texts are not UTF-8. */
    void endOfSource() {
        if (sourceInvalid > sourceTexts) {
            throw new InputException(
                    firstInvalid + ": must be UTF-8, but is not (Windows-1252 or Latin-1?), and neither are most"
                            + " of its source's texts (" + sourceInvalid + " of " + (sourceInvalid + sourceTexts)
                            + "); save as UTF-8");
        }
        sourceInvalid = 0;
        sourceTexts = 0;
        firstInvalid = "";
    }

    List<DataReport.Dropped> dropped() {
        return dropped.entrySet().stream()
                .map(one -> new DataReport.Dropped(one.getKey(), one.getValue()))
                .toList();
    }

    List<String> named() {
        return named;
    }

    private static boolean startsWithMark(byte[] bytes, int length) {
        for (int i = 0; i < BYTE_ORDER_MARK.length; i++) {
            if (i >= length || bytes[i] != BYTE_ORDER_MARK[i]) {
                return false;
            }
        }
        return true;
    }
}
