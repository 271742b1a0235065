package dev.shoestring.shrink;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.HardwareBf16;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * Which row of an embedding is likest to each of those that are left out: by the cosine, the mean of all rows taken off, for rows of an
 * embedding point to one side (arXiv 1702.01417).
 */
public final class SharedRows {
    // V rows of the embedding, D width, K rows that are kept and new, P rows that are compared with them at once
    private static final int PART = 2048;

    private final Tensor table_VD;
    private final DoubleConsumer work;
    private final float[] similarity;
    private final int[] likest;
    private BitSet known = new BitSet();

    /**
     * Of an embedding that does not change.
     *
     * @param table_VD the embedding
     * @param work told the floating-point operations of each search
     */
    public SharedRows(Tensor table_VD, DoubleConsumer work) {
        this.table_VD = table_VD;
        this.work = work;
        int rows = Math.toIntExact(table_VD.size(0));
        this.similarity = new float[rows];
        this.likest = new int[rows];
    }

    /**
     * For each row the likest of the kept ones, the first of several as like; for a kept row itself. Where the rows kept before are all
     * among these, only the others are compared, so that between rows as like to the last bits of bfloat16 the answer may depend on what was asked before.
     */
    public int[] likest(BitSet kept) {
        BitSet fresh = (BitSet) kept.clone();
        fresh.andNot(known);
        if (kept.cardinality() - fresh.cardinality() < known.cardinality()) {
            known = new BitSet();
            fresh = (BitSet) kept.clone();
        }
        if (known.isEmpty()) {
            Arrays.fill(similarity, Float.NEGATIVE_INFINITY);
        }
        compare(fresh.stream().asLongStream().toArray(), kept);
        known = (BitSet) kept.clone();
        int[] found = likest.clone();
        kept.stream().forEach(row -> found[row] = row);
        return found;
    }

    private void compare(long[] fresh, BitSet kept) {
        long[] others = IntStream.range(0, likest.length)
                .filter(row -> !kept.get(row))
                .asLongStream()
                .toArray();
        if (fresh.length == 0 || others.length == 0) {
            return;
        }
        work.accept(2.0 * fresh.length * others.length * table_VD.size(1));
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor centred_VD = table_VD.detach().sub(table_VD.detach().mean(0).unsqueeze(0));
            Tensor unit_VD = centred_VD
                    .div(centred_VD.rowNorms().add(1e-12).unsqueeze(1))
                    .to(HardwareBf16.available() ? DType.BFLOAT16 : DType.FLOAT32);
            Tensor fresh_KD = unit_VD.indexSelect(0, Tensor.of(fresh, fresh.length));
            for (int from = 0; from < others.length; from += PART) {
                long[] some = Arrays.copyOfRange(others, from, Math.min(others.length, from + PART));
                try (TensorScope part = TensorScope.open()) {
                    Tensor some_PD = unit_VD.indexSelect(0, Tensor.of(some, some.length));
                    Tensor best_P = some_PD.matmul(fresh_KD.transpose(0, 1)).argmax(1);
                    float[] alike = some_PD.to(DType.FLOAT32)
                            .mul(fresh_KD.indexSelect(0, best_P).to(DType.FLOAT32))
                            .sum(1)
                            .toFloats();
                    long[] best = best_P.toLongs();
                    for (int i = 0; i < some.length; i++) {
                        take((int) some[i], (int) fresh[(int) best[i]], alike[i]);
                    }
                }
            }
        }
    }

    private void take(int row, int by, float alike) {
        if (alike > similarity[row] || (alike == similarity[row] && by < likest[row])) {
            similarity[row] = alike;
            likest[row] = by;
        }
    }
}
