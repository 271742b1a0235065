package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;
import java.util.Arrays;

/** Shape checks at the entrance of a module. */
public final class Shapes {
    private Shapes() {}

    /** Any size is allowed in this position. */
    public static final long ANY = -1;

    /**
     * Demands a shape.
     *
     * @throws IllegalArgumentException with expected and actual shape
     */
    public static void require(String module, Tensor input, long... expected) {
        long[] actual = input.shape();
        boolean fits = actual.length == expected.length;
        for (int i = 0; fits && i < expected.length; i++) {
            fits = expected[i] == ANY || expected[i] == actual[i];
        }
        if (!fits) {
            throw new IllegalArgumentException(module + ": expected shape "
                    + Arrays.toString(expected).replace("-1", "*") + ", got " + Arrays.toString(actual));
        }
    }
}
