package dev.shoestring.run;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** How often each piece of a vocabulary occurs in some texts. */
final class WordUse {
    private final int[] counts;
    private final BitSet required;

    /**
     * Counts.
     *
     * @param texts token ids of each text
     * @param required ids that are kept however seldom they occur
     */
    WordUse(int vocabulary, List<int[]> texts, BitSet required) {
        this.counts = new int[vocabulary];
        this.required = required;
        for (int[] ids : texts) {
            for (int id : ids) {
                counts[id]++;
            }
        }
    }

    /** The required pieces and the most frequent others, {@code most} together, none that never occurs; of equal ones the first. */
    BitSet most(int most) {
        BitSet kept = (BitSet) required.clone();
        int room = Math.max(0, most - kept.cardinality());
        IntStream.range(0, counts.length)
                .filter(id -> counts[id] > 0 && !required.get(id))
                .boxed()
                .sorted(Comparator.comparingInt((Integer id) -> counts[id]).reversed())
                .limit(room)
                .forEach(kept::set);
        return kept;
    }

    /** How many pieces occur or are required. */
    int used() {
        return most(counts.length).cardinality();
    }

    /** How many pieces are required. */
    int fewest() {
        return required.cardinality();
    }
}
