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

    /** Largest difference between a bf16 implementation and an exact one, as a share of the norm: inputs, products and results are rounded to 8 bits. */
    private static final double BF16 = 8e-3;

    /** Demands that the norm of the difference is fp32 rounding, as a share of the expected norm. */
    public static void fp32Norm(String what, float[] actual, float[] expected) {
        norm(FP32, what, actual, expected);
    }

    /**
     * Largest norm of the difference between an fp32 network of many layers and an exact one, as a share of the norm. PyTorch's MobileNetV2 in single precision
     * comes to 2.0e-6 (Intel Xeon with AMX), and single values that are small among large ones to 3e-5.
     */
    private static final double DEEP = 5e-6;

    /** Demands equality up to the fp32 rounding of many layers: small values carry that of the large ones beside them. */
    public static void deep(String what, float[] actual, float[] expected) {
        norm(DEEP, what, actual, expected);
    }

    /** Demands that the norm of the difference is bf16 rounding, as a share of the expected norm. */
    public static void bf16Norm(String what, float[] actual, float[] expected) {
        norm(BF16, what, actual, expected);
    }

    private static void norm(double tolerance, String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double difference = 0;
        double whole = 0;
        for (int i = 0; i < actual.length; i++) {
            difference += Math.pow(actual[i] - (double) expected[i], 2);
            whole += Math.pow(expected[i], 2);
        }
        assertThat(Math.sqrt(difference)).as(what).isLessThanOrEqualTo(tolerance * Math.sqrt(whole));
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
