package dev.shoestring.run;

import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.data.PackedRow;
import dev.shoestring.train.TokenRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Puts packed rows together into micro-batches, and counts what they take.
 *
 * @param flops operations of the decoder
 * @param trained what is trained
 * @param again whether blocks are computed again in the backward pass
 * @param teacher operations of a teacher that reads along; null if there is none
 */
record RowAssembly(
        DecoderFlops flops,
        DecoderFlops.Trained trained,
        boolean again,
        @Nullable DecoderFlops teacher) {
    /**
     * Micro-batches of {@code size} rows, the last with what is left.
     *
     * @param noise seed of what is random about a micro-batch, by its number
     */
    List<TokenRows> cut(int rows, IntFunction<PackedRow> row, int size, IntToLongFunction noise) {
        List<TokenRows> micros = new ArrayList<>();
        List<PackedRow> together = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            together.add(row.apply(i));
            if (together.size() == size || i == rows - 1) {
                micros.add(of(together, noise.applyAsLong(micros.size())));
                together = new ArrayList<>();
            }
        }
        return micros;
    }

    /** One micro-batch; rows shorter than the longest are filled up with what has no loss and sees nothing of the row. */
    private TokenRows of(List<PackedRow> rows, long noise) {
        int longest = rows.stream().mapToInt(PackedRow::length).max().orElse(1);
        int[][] ids = new int[rows.size()][];
        int[][] targets = new int[rows.size()][];
        int[][] starts = new int[rows.size()][];
        int documents = 0;
        int padding = 0;
        double operations = 0;
        double repeated = 0;
        for (int i = 0; i < rows.size(); i++) {
            PackedRow row = rows.get(i);
            int length = row.length();
            ids[i] = Arrays.copyOf(row.inputs(), longest);
            targets[i] = Arrays.copyOf(row.targets(), longest);
            Arrays.fill(targets[i], length, longest, TokenRows.NONE);
            starts[i] = row.starts();
            documents += starts[i].length;
            padding += longest - length;
            long losses = Arrays.stream(targets[i])
                    .filter(target -> target != TokenRows.NONE)
                    .count();
            int[] lengths = lengths(starts[i], length);
            operations += flops.training(lengths, losses, trained);
            operations += teacher == null ? 0 : teacher.forward(lengths, losses);
            repeated += again ? flops.forward(lengths, 0) : 0;
            if (length < longest) {
                starts[i] = Arrays.copyOf(starts[i], starts[i].length + 1);
                starts[i][starts[i].length - 1] = length;
            }
        }
        return new TokenRows(ids, targets, starts, documents, padding, operations, repeated, noise);
    }

    /** Lengths of the documents of a row. */
    private static int[] lengths(int[] starts, int tokens) {
        int[] lengths = new int[starts.length];
        for (int i = 0; i < starts.length; i++) {
            lengths[i] = (i + 1 < starts.length ? starts[i + 1] : tokens) - starts[i];
        }
        return lengths;
    }
}
