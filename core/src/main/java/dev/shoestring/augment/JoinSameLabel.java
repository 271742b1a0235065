package dev.shoestring.augment;

import dev.shoestring.data.Encoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Appends another training text of the same label with a fixed probability: {@code [CLS] a [SEP]} becomes {@code [CLS] a [SEP] b
 * [SEP]}. The appended text is cut to the room there is; an example without room, or whose partner would be itself, stays.
 */
public final class JoinSameLabel implements Augmentation {
    private final double rate;
    private final Map<Integer, List<int[]>> byLabel = new HashMap<>();
    private final int separatorId;
    private final int maxTokens;

    /**
     * Makes one.
     *
     * @param rate probability for each text, in [0, 1]
     * @param pool the examples to append, with a special token at each end; in the same order for the same results
     * @param separatorId id of the token that ends a text
     * @param maxTokens most tokens of the result, special tokens included
     */
    public JoinSameLabel(double rate, List<Encoded> pool, int separatorId, int maxTokens) {
        Augmentations.requireProbability(rate);
        this.rate = rate;
        this.separatorId = separatorId;
        this.maxTokens = maxTokens;
        for (Encoded example : pool) {
            byLabel.computeIfAbsent(example.label(), absent -> new ArrayList<>())
                    .add(example.ids());
        }
    }

    @Override
    public int[] apply(int[] ids, int label, RandomGenerator random) {
        List<int[]> pool = byLabel.getOrDefault(label, List.of());
        if (pool.isEmpty() || rate == 0 || random.nextDouble() >= rate) {
            return ids;
        }
        int[] other = pool.get(random.nextInt(pool.size()));
        int room = maxTokens - ids.length - 1;
        int taken = Math.min(other.length - 2, room);
        if (taken < 1 || Arrays.equals(other, ids)) {
            return ids;
        }
        int[] joined = Arrays.copyOf(ids, ids.length + taken + 1);
        System.arraycopy(other, 1, joined, ids.length, taken);
        joined[joined.length - 1] = separatorId;
        return joined;
    }
}
