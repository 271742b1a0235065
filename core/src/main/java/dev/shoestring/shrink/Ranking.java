package dev.shoestring.shrink;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Which of several parts come first. */
final class Ranking {
    private Ranking() {}

    /** The places of the greatest values, ascending; of equal ones the first. */
    static List<Integer> most(double[] values, int count) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> values[i]).reversed())
                .limit(count)
                .sorted()
                .toList();
    }
}
