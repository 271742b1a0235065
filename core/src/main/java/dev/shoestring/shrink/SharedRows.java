package dev.shoestring.shrink;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.HardwareBf16;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Which row of an embedding is likest to each of those that are left out: by the cosine, the mean of all rows taken off, for rows of an
 * embedding point to one side (arXiv 1702.01417).
 */
public final class SharedRows {
    private static final int PART = 2048;

    private SharedRows() {}

    /**
     * For each row the likest of the kept ones; for a kept row itself.
     *
     * @param table_VD the embedding
     */
    public static int[] likest(Tensor table_VD, BitSet kept) {
        int rows = Math.toIntExact(table_VD.size(0));
        int[] likest = IntStream.range(0, rows).toArray();
        long[] own = kept.stream().asLongStream().toArray();
        long[] others = IntStream.range(0, rows)
                .filter(row -> !kept.get(row))
                .asLongStream()
                .toArray();
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor centred_VD = table_VD.detach().sub(table_VD.detach().mean(0).unsqueeze(0));
            Tensor unit_VD = centred_VD
                    .div(centred_VD.rowNorms().add(1e-12).unsqueeze(1))
                    .to(HardwareBf16.available() ? DType.BFLOAT16 : DType.FLOAT32);
            Tensor kept_DK = unit_VD.indexSelect(0, Tensor.of(own, own.length)).transpose(0, 1);
            for (int from = 0; from < others.length; from += PART) {
                long[] some = Arrays.copyOfRange(others, from, Math.min(others.length, from + PART));
                try (TensorScope part = TensorScope.open()) {
                    long[] best = unit_VD.indexSelect(0, Tensor.of(some, some.length))
                            .matmul(kept_DK)
                            .argmax(1)
                            .toLongs();
                    for (int i = 0; i < some.length; i++) {
                        likest[(int) some[i]] = (int) own[(int) best[i]];
                    }
                }
            }
        }
        return likest;
    }
}
