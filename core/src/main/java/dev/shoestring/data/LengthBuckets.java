package dev.shoestring.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Batches of examples of similar length, so that little is padded. Each epoch's examples are shuffled, sorted by length within windows
 * of a few batches, cut into batches, and the batches shuffled. The plan of an epoch depends on the seed and the epoch's number alone:
 * a run resumes at any step of it. The last batch cut may be smaller; it is shuffled in among the others.
 */
public final class LengthBuckets {
    /**
     * Batches whose examples are sorted together. On 6,000 of WordNet's definitions, counted in words, in batches of 32, padding takes
     * 58 % of the slots in random order, 17 % with a window of 10, 5 % with 50, 2.4 % with 100 and 1.1 % with all sorted.
     */
    public static final int DEFAULT_WINDOW = 100;

    private final int[] lengths;
    private final int batchSize;
    private final int window;
    private final long seed;

    /**
     * Plans batches for examples of these lengths.
     *
     * @param lengths tokens in each example
     * @param batchSize examples in a batch
     * @param window batches whose examples are sorted together; 1 leaves them in random order
     * @param seed decides the order
     */
    public LengthBuckets(int[] lengths, int batchSize, int window, long seed) {
        if (batchSize < 1 || window < 1) {
            throw new IllegalArgumentException("batch size and window must be positive: " + batchSize + ", " + window);
        }
        this.lengths = lengths.clone();
        this.batchSize = batchSize;
        this.window = window;
        this.seed = seed;
    }

    /** Batches in an epoch. */
    public int batchesPerEpoch() {
        return (lengths.length + batchSize - 1) / batchSize;
    }

    /** The epoch's batches in order, each the indices of its examples; every example is in exactly one. */
    public List<int[]> epoch(int epoch) {
        SplitMix random = SplitMix.of(seed, epoch);
        int[] order = new int[lengths.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        random.shuffle(order);
        int span = (int) Math.min(order.length, (long) window * batchSize);
        List<int[]> batches = new ArrayList<>(batchesPerEpoch());
        for (int from = 0; from < order.length; from += span) {
            int to = Math.min(order.length, from + span);
            int[] sorted = window == 1 ? Arrays.copyOfRange(order, from, to) : sortedByLength(order, from, to);
            for (int at = 0; at < sorted.length; at += batchSize) {
                batches.add(Arrays.copyOfRange(sorted, at, Math.min(sorted.length, at + batchSize)));
            }
        }
        return shuffled(batches, random);
    }

    /** Share of the slots of an epoch's batches that would be padding, in [0, 1). */
    public double paddingShare(int epoch) {
        long tokens = 0;
        long slots = 0;
        for (int[] batch : epoch(epoch)) {
            int longest = 0;
            for (int index : batch) {
                tokens += lengths[index];
                longest = Math.max(longest, lengths[index]);
            }
            slots += (long) longest * batch.length;
        }
        return slots == 0 ? 0 : 1 - (double) tokens / slots;
    }

    private int[] sortedByLength(int[] order, int from, int to) {
        // A stable sort: examples of one length stay in random order.
        return Arrays.stream(order, from, to)
                .boxed()
                .sorted(Comparator.comparingInt(index -> lengths[index]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static List<int[]> shuffled(List<int[]> batches, SplitMix random) {
        int[] order = new int[batches.size()];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        random.shuffle(order);
        return Arrays.stream(order).mapToObj(batches::get).toList();
    }
}
