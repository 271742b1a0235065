package dev.shoestring.data;

import java.util.Arrays;
import java.util.List;

/** A padded batch: B examples of at most T tokens, row by row. A class and no record, for its arrays are compared by content nowhere. */
public final class TokenBatch {
    private final int[] ids;
    private final int[] lengths;
    private final int[] labels;
    private final int maxLength;

    private TokenBatch(int[] ids, int[] lengths, int[] labels, int maxLength) {
        this.ids = ids;
        this.lengths = lengths;
        this.labels = labels;
        this.maxLength = maxLength;
    }

    /**
     * Pads the examples at the end to the longest of them.
     *
     * @throws IllegalArgumentException if there is no example
     */
    public static TokenBatch of(List<Encoded> examples, int paddingId) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one example");
        }
        int longest = 0;
        for (Encoded example : examples) {
            longest = Math.max(longest, example.ids().length);
        }
        int[] ids = new int[Math.multiplyExact(examples.size(), longest)];
        int[] lengths = new int[examples.size()];
        int[] labels = new int[examples.size()];
        for (int row = 0; row < lengths.length; row++) {
            int[] own = examples.get(row).ids();
            System.arraycopy(own, 0, ids, row * longest, own.length);
            Arrays.fill(ids, row * longest + own.length, (row + 1) * longest, paddingId);
            lengths[row] = own.length;
            labels[row] = examples.get(row).label();
        }
        return new TokenBatch(ids, lengths, labels, longest);
    }

    /** Token ids, B × T, row by row; not to be changed. */
    public int[] ids() {
        return ids;
    }

    /** Real tokens in each row, B; not to be changed. */
    public int[] lengths() {
        return lengths;
    }

    /** Label of each row, B; not to be changed. */
    public int[] labels() {
        return labels;
    }

    /** T, the length of the longest row. */
    public int maxLength() {
        return maxLength;
    }

    /** B, the number of rows. */
    public int size() {
        return lengths.length;
    }

    /** Tokens that are no padding. */
    public long realTokens() {
        return Arrays.stream(lengths).asLongStream().sum();
    }

    /** B × T: tokens and padding. */
    public long slots() {
        return ids.length;
    }

    /** Share of the slots that is padding, in [0, 1). */
    public double paddingShare() {
        return slots() == 0 ? 0 : 1 - (double) realTokens() / slots();
    }
}
