package dev.shoestring;

import static org.assertj.core.api.Assertions.assertThat;

/** The tolerances of all parity tests, in one place. */
public final class Close {
    private Close() {}

    /** Largest absolute difference between two fp32 implementations of a small network. */
    private static final double FP32 = 2e-5;

    /** Demands equality up to fp32 rounding, absolute below 1 and relative above. */
    public static void fp32(String what, float[] actual, float[] expected) {
        within(FP32, what, actual, expected);
    }

    /** Demands the same largest difference, absolute whatever the size of the values. */
    public static void absolute(String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= FP32)) {
                throw new AssertionError(what + " at " + i + ": " + actual[i] + " instead of " + expected[i]);
            }
        }
    }

    /** Demands equality up to fp32 rounding against {@code norm}, that of a whole tensor of which these are some values. */
    public static void againstNorm(String what, float[] actual, float[] expected, double norm) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= FP32 * Math.max(1, norm))) {
                throw new AssertionError(
                        what + " at " + i + ": " + actual[i] + " instead of " + expected[i] + ", norm " + norm);
            }
        }
    }

    private static void within(double tolerance, String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            double allowed = tolerance * Math.max(1, Math.abs(expected[i]));
            assertThat((double) Math.abs(actual[i] - expected[i]))
                    .as("%s at %d: %s instead of %s", what, i, actual[i], expected[i])
                    .isLessThanOrEqualTo(allowed);
        }
    }
}
