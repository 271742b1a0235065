package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.BitSet;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SharedRowsTest {
    private static final int ROWS = 300;
    private static final int WIDTH = 16;

    private double operations;

    private static BitSet upTo(int rows) {
        BitSet kept = new BitSet();
        kept.set(0, rows);
        return kept;
    }

    private static float[] table() {
        Random random = new Random(5);
        float[] table = new float[ROWS * WIDTH];
        for (int i = 0; i < table.length; i++) {
            table[i] = (float) random.nextGaussian() + 3;
        }
        return table;
    }

    /** The cosine of two rows, the mean of all rows taken off. */
    private static double cosine(float[] table, int a, int b) {
        double product = 0;
        double squareOfA = 0;
        double squareOfB = 0;
        for (int i = 0; i < WIDTH; i++) {
            int column = i;
            double mean = IntStream.range(0, ROWS)
                    .mapToDouble(row -> table[row * WIDTH + column])
                    .average()
                    .orElseThrow();
            double x = table[a * WIDTH + i] - mean;
            double y = table[b * WIDTH + i] - mean;
            product += x * y;
            squareOfA += x * x;
            squareOfB += y * y;
        }
        return product / Math.sqrt(squareOfA * squareOfB);
    }

    @Test
    void eachRowSharesThatOfTheLikest() {
        float[] table = table();
        try (TensorScope scope = TensorScope.open()) {
            int[] likest = new SharedRows(Tensor.of(table, ROWS, WIDTH), flops -> operations += flops).likest(upTo(40));
            assertThat(likest).startsWith(0, 1, 2, 3);
            for (int row = 40; row < ROWS; row++) {
                int lost = row;
                double best = IntStream.range(0, 40)
                        .mapToDouble(kept -> cosine(table, lost, kept))
                        .max()
                        .orElseThrow();
                // Products may be in bfloat16, so that the second best may be taken where it is as good to two digits.
                assertThat(likest[row]).isBetween(0, 39);
                assertThat(cosine(table, row, likest[row])).isGreaterThan(best - 0.02);
            }
            assertThat(operations).isEqualTo(2.0 * 40 * (ROWS - 40) * WIDTH);
        }
    }

    @Test
    void moreRowsAreComparedAloneAndFewerAllAgain() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor table = Tensor.of(table(), ROWS, WIDTH);
            int[] few = new SharedRows(table, flops -> {}).likest(upTo(40));
            int[] many = new SharedRows(table, flops -> {}).likest(upTo(100));
            SharedRows rows = new SharedRows(table, flops -> operations += flops);
            assertThat(rows.likest(upTo(40))).isEqualTo(few);
            operations = 0;
            int[] grown = rows.likest(upTo(100));
            assertThat(operations).isEqualTo(2.0 * 60 * (ROWS - 100) * WIDTH);
            long same = IntStream.range(0, ROWS)
                    .filter(row -> grown[row] == many[row])
                    .count();
            assertThat(same).isGreaterThan(ROWS - 10);
            assertThat(rows.likest(upTo(40))).isEqualTo(few);
        }
    }
}
