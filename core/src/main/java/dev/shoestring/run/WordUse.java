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

    /** With how many pieces, the required ones among them, this share of all places in the texts has one of them. */
    int covering(double share) {
        long all = IntStream.of(counts).asLongStream().sum();
        long covered = required.stream().mapToLong(id -> counts[id]).sum();
        int pieces = required.cardinality();
        int[] others = IntStream.range(0, counts.length)
                .filter(id -> counts[id] > 0 && !required.get(id))
                .map(id -> -counts[id])
                .sorted()
                .toArray();
        for (int i = 0; i < others.length && covered < share * all; i++) {
            covered -= others[i];
            pieces++;
        }
        return pieces;
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
