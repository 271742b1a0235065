package dev.shoestring.models;

import java.util.Arrays;
import java.util.Locale;

/**
 * The hashed features of a text: its words, its pairs of neighbouring words, and the letter n-grams of its words, each a number in
 * [0, 2<sup>bits</sup>). Words are runs of letters and digits in lower case. Each text has a feature once, however often it occurs.
 *
 * <p>Source: Armand Joulin et al., "Bag of Tricks for Efficient Text Classification", arXiv 1607.01759, section 2.2; the letter
 * n-grams are those of Piotr Bojanowski et al., "Enriching Word Vectors with Subword Information", arXiv 1607.04606, section 3.2.
 */
final class BagOfWordsFeatures {
    private static final long OFFSET = 0xCBF29CE484222325L;
    private static final long PRIME = 0x100000001B3L;
    private static final long PAIR = 0x9E3779B97F4A7C15L;
    private static final char WORD_EDGE = '\uFFFF';

    private final long mask;
    private final int shortestLetters;
    private final int longestLetters;

    BagOfWordsFeatures(int bits, int shortestLetters, int longestLetters) {
        this.mask = (1L << bits) - 1;
        this.shortestLetters = shortestLetters;
        this.longestLetters = longestLetters;
    }

    /** The text's features, each once, in ascending order. */
    int[] of(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        Growing features = new Growing();
        long previous = 0;
        int at = 0;
        while (at < lower.length()) {
            int start = at;
            while (at < lower.length() && Character.isLetterOrDigit(lower.charAt(at))) {
                at++;
            }
            if (at == start) {
                at++;
                continue;
            }
            long word = hash(lower, start, at);
            features.add(bucket(word));
            features.add(bucket(previous * PAIR + word));
            previous = word;
            addLetters(lower, start, at, features);
        }
        return features.distinct();
    }

    /** N-grams of the word between two edge marks. */
    private void addLetters(String text, int start, int end, Growing features) {
        for (int length = shortestLetters; length <= longestLetters; length++) {
            for (int from = start - 1; from + length <= end + 1; from++) {
                long hash = OFFSET + length;
                for (int i = from; i < from + length; i++) {
                    char letter = i < start || i >= end ? WORD_EDGE : text.charAt(i);
                    hash = (hash ^ letter) * PRIME;
                }
                features.add(bucket(hash));
            }
        }
    }

    private static long hash(String text, int start, int end) {
        long hash = OFFSET;
        for (int i = start; i < end; i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        return hash;
    }

    private int bucket(long hash) {
        long mixed = (hash ^ (hash >>> 32)) * PAIR;
        return (int) ((mixed >>> 29) & mask);
    }

    /** An array of ints that grows. */
    private static final class Growing {
        private int[] values = new int[64];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        int[] distinct() {
            Arrays.sort(values, 0, size);
            int kept = 0;
            for (int i = 0; i < size; i++) {
                if (i == 0 || values[i] != values[i - 1]) {
                    values[kept++] = values[i];
                }
            }
            return Arrays.copyOf(values, kept);
        }
    }
}
