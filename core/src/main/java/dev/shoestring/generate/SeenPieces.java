package dev.shoestring.generate;

import java.util.Arrays;
import java.util.BitSet;

/** The pieces of a row, each once, whose scores a repetition penalty lowers (arXiv 1909.05858, section 4.1; prompt included, as in Transformers). */
final class SeenPieces {
    private final BitSet seen = new BitSet();
    private int[] distinct = new int[64];
    private int count;

    void add(int id) {
        if (seen.get(id)) {
            return;
        }
        seen.set(id);
        if (count == distinct.length) {
            distinct = Arrays.copyOf(distinct, 2 * count);
        }
        distinct[count++] = id;
    }

    /** Divides positive scores by the penalty and multiplies negative ones, in place. */
    void penalize(float[] logits, double penalty) {
        for (int i = 0; i < count; i++) {
            int id = distinct[i];
            if (id < logits.length) {
                logits[id] = (float) (logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty);
            }
        }
    }
}
