package dev.shoestring.models;

import dev.shoestring.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What each token of a batch sees: earlier tokens of its own document, itself included. Rows may hold several documents (packing
 * without cross-contamination, arXiv 2107.02027); positions begin at 0 in each. What fills a row up is a document of its own, which
 * nothing else sees.
 */
public final class Visibility {
    private Visibility() {}

    /**
     * The context of rows that are whole documents or packed ones.
     *
     * @param starts for each row the places where documents begin, ascending, the first 0
     * @param tokens length of every row
     */
    public static AttentionContext of(Decoder decoder, int[][] starts, int tokens) {
        boolean packed = Arrays.stream(starts).anyMatch(row -> row.length > 1);
        int[][] rows = packed ? starts : new int[][] {{0}};
        int[][] positions = new int[rows.length][tokens];
        for (int row = 0; row < rows.length; row++) {
            for (int document = 0; document < rows[row].length; document++) {
                int end = document + 1 < rows[row].length ? rows[row][document + 1] : tokens;
                for (int place = rows[row][document]; place < end; place++) {
                    positions[row][place] = place - rows[row][document];
                }
            }
        }
        int window = decoder.config().windows().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        Tensor bias = bias(positions, tokens, 0);
        Tensor windowBias = window == 0 || window >= tokens ? bias : bias(positions, tokens, window);
        return new AttentionContext(decoder.angles(positions), bias, windowBias, null);
    }

    /** 0 where a token is seen, negative infinity elsewhere: (rows, 1, tokens, tokens). */
    private static Tensor bias(int[][] positions, int tokens, int window) {
        float[] bias = new float[Math.multiplyExact(positions.length * tokens, tokens)];
        Arrays.fill(bias, Float.NEGATIVE_INFINITY);
        int at = 0;
        for (int[] row : positions) {
            for (int place = 0; place < tokens; place++) {
                int seen = window == 0 ? row[place] : Math.min(row[place], window - 1);
                Arrays.fill(bias, at + place - seen, at + place + 1, 0);
                at += tokens;
            }
        }
        return Tensor.of(bias, positions.length, 1, tokens, tokens);
    }

    /**
     * The context of the next tokens of rows whose earlier ones lie in a cache.
     *
     * @param padding for each row, how many places at its beginning hold nothing
     * @param tokens how many tokens come now; the same in each row
     * @return a context that writes to {@code cache}; call {@link KeyValueCache#advance} after the pass
     */
    public static AttentionContext next(Decoder decoder, KeyValueCache cache, int[] padding, int tokens) {
        int before = cache.length();
        int[][] positions = new int[padding.length][tokens];
        for (int row = 0; row < padding.length; row++) {
            for (int i = 0; i < tokens; i++) {
                positions[row][i] = Math.max(0, before + i - padding[row]);
            }
        }
        int window = decoder.config().windows().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        boolean padded = Arrays.stream(padding).anyMatch(places -> places > 0);
        int seen = before + tokens;
        @Nullable Tensor bias = tokens == 1 && !padded ? null : bias(padding, before, tokens, 0);
        @Nullable Tensor windowBias = window == 0 || window >= seen ? bias : bias(padding, before, tokens, window);
        return new AttentionContext(decoder.angles(positions), bias, windowBias, cache);
    }

    private static Tensor bias(int[] padding, int before, int tokens, int window) {
        int seen = before + tokens;
        float[] bias = new float[Math.multiplyExact(padding.length * tokens, seen)];
        Arrays.fill(bias, Float.NEGATIVE_INFINITY);
        int at = 0;
        for (int padded : padding) {
            for (int i = 0; i < tokens; i++) {
                int last = before + i;
                int first = Math.max(padded, window == 0 ? 0 : last - window + 1);
                // A place that holds nothing sees itself, for a softmax over nothing is no number.
                Arrays.fill(bias, at + Math.min(first, last), at + last + 1, 0);
                at += seen;
            }
        }
        return Tensor.of(bias, padding.length, 1, tokens, seen);
    }
}
