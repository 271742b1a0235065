package dev.shoestring.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Whole examples packed into rows of at most T tokens by best fit decreasing: the longest example goes first, each into the row that it
 * leaves the least room in. No example is cut, but one longer than a row may be. It uses at most 11/9 of the fewest rows possible, and a
 * few (Johnson 1974); on examples of usual lengths nearly all slots are filled.
 */
public final class Packing {
    private final List<int[]> rows;
    private final int[] lengths;
    private final int rowLength;
    private final int truncated;
    private final int leftOut;
    private final long seed;

    private Packing(List<int[]> rows, int[] lengths, int rowLength, int truncated, int leftOut, long seed) {
        this.rows = rows;
        this.lengths = lengths;
        this.rowLength = rowLength;
        this.truncated = truncated;
        this.leftOut = leftOut;
        this.seed = seed;
    }

    /** What becomes of an example longer than a row. */
    public enum Longer {
        /** It is cut to T tokens. */
        TRUNCATED,
        /** It is in no row. */
        LEFT_OUT
    }

    /**
     * Packs examples.
     *
     * @param lengths tokens in each example; one without any is left out
     * @param rowLength T, most tokens in a row
     * @param seed decides between examples of one length, and the order
     */
    public static Packing bestFit(int[] lengths, int rowLength, Longer longer, long seed) {
        if (rowLength < 1) {
            throw new IllegalArgumentException("a row must have a token: " + rowLength);
        }
        int[] kept = new int[lengths.length];
        int truncated = 0;
        int leftOut = 0;
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] < 0) {
                throw new IllegalArgumentException("example " + i + " has " + lengths[i] + " tokens");
            }
            boolean tooLong = lengths[i] > rowLength;
            boolean out = lengths[i] == 0 || (tooLong && longer == Longer.LEFT_OUT);
            kept[i] = out ? 0 : Math.min(lengths[i], rowLength);
            leftOut += out ? 1 : 0;
            truncated += tooLong && !out ? 1 : 0;
        }
        return new Packing(pack(kept, rowLength, seed), kept, rowLength, truncated, leftOut, seed);
    }

    /** Number of rows. */
    public int rows() {
        return rows.size();
    }

    /** Tokens of an example in its row: its own, or T if it was cut; 0 if it is in none. */
    public int length(int example) {
        return lengths[example];
    }

    /** Examples that were cut. */
    public int truncated() {
        return truncated;
    }

    /** Examples that are in no row. */
    public int leftOut() {
        return leftOut;
    }

    /** Share of the slots of all rows that hold a token, in [0, 1]; 1 if there is no row. */
    public double efficiency() {
        long tokens = Arrays.stream(lengths).asLongStream().sum();
        return rows.isEmpty() ? 1 : (double) tokens / ((long) rows.size() * rowLength);
    }

    /** An epoch's rows, each the indices of its examples; the order of the rows and within them follows from seed and epoch. */
    public List<int[]> epoch(int epoch) {
        SplitMix random = SplitMix.of(seed, epoch);
        int[] order = new int[rows.size()];
        Arrays.setAll(order, i -> i);
        random.shuffle(order);
        List<int[]> shuffled = new ArrayList<>(order.length);
        for (int row : order) {
            int[] examples = rows.get(row).clone();
            random.shuffle(examples);
            shuffled.add(examples);
        }
        return shuffled;
    }

    private static List<int[]> pack(int[] lengths, int rowLength, long seed) {
        List<List<Integer>> filled = new ArrayList<>();
        // Rows with the same room are a stack: its top row for each room, and below each row the next.
        int[] top = new int[rowLength + 1];
        int[] below = new int[lengths.length];
        BitSet rooms = new BitSet(rowLength + 1);
        Arrays.fill(top, -1);
        for (int example : longestFirst(lengths, rowLength, seed)) {
            int length = lengths[example];
            int room = rooms.nextSetBit(length);
            int row;
            if (room < 0) {
                room = rowLength;
                row = filled.size();
                filled.add(new ArrayList<>());
            } else {
                row = top[room];
                top[room] = below[row];
                rooms.set(room, top[room] >= 0);
            }
            filled.get(row).add(example);
            int left = room - length;
            if (left > 0) {
                below[row] = top[left];
                top[left] = row;
                rooms.set(left);
            }
        }
        return filled.stream()
                .map(row -> row.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /** Examples that are kept, by falling length; those of one length in random order. */
    private static int[] longestFirst(int[] lengths, int rowLength, long seed) {
        int[] places = new int[rowLength + 2];
        int[] order = new int[lengths.length];
        int kept = 0;
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] > 0) {
                order[kept++] = i;
                places[rowLength - lengths[i] + 1]++;
            }
        }
        order = Arrays.copyOf(order, kept);
        SplitMix.of(seed).shuffle(order);
        for (int i = 1; i < places.length; i++) {
            places[i] += places[i - 1];
        }
        int[] sorted = new int[kept];
        for (int example : order) {
            sorted[places[rowLength - lengths[example]]++] = example;
        }
        return sorted;
    }
}
