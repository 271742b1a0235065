package dev.shoestring.train;

import java.util.function.Function;
import java.util.stream.IntStream;

/** How an evaluation is divided among processes: each measures some of the examples, and all learn what came of it. */
public interface Division {
    /** Number of this process, from 0. */
    int rank();

    /** Number of processes. */
    int processes();

    /** The sums of some numbers over the processes. */
    double[] sum(double... values);

    /** One process measures everything. */
    static Division none() {
        return new Division() {
            @Override
            public int rank() {
                return 0;
            }

            @Override
            public int processes() {
                return 1;
            }

            @Override
            public double[] sum(double... values) {
                return values;
            }
        };
    }

    /** Whether the part of that number is this process's. */
    default boolean mine(int number) {
        return number % processes() == rank();
    }

    /**
     * Rows of scores for {@code count} examples, of which each process computes some.
     *
     * @param scores the rows of some examples, by their numbers
     */
    default float[][] rows(int count, Function<int[], float[][]> scores) {
        int[] mine = IntStream.range(0, count).filter(this::mine).toArray();
        float[][] own = scores.apply(mine);
        if (processes() == 1) {
            return own;
        }
        // A process without examples does not know how wide a row is.
        int width = (int) sum(rank() == 0 ? own[0].length : 0)[0];
        double[] flat = new double[count * width];
        for (int i = 0; i < mine.length; i++) {
            for (int j = 0; j < width; j++) {
                flat[mine[i] * width + j] = own[i][j];
            }
        }
        double[] all = sum(flat);
        float[][] rows = new float[count][width];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < width; j++) {
                rows[i][j] = (float) all[i * width + j];
            }
        }
        return rows;
    }
}
