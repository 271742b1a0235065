package dev.shoestring.cost;

/** Operations in which Muon makes the update of a matrix nearly orthogonal: five Newton-Schulz iterations of three products, the shorter side squared. */
public final class Orthogonalization {
    private static final int ITERATIONS = 5;

    private Orthogonalization() {}

    /** Floating-point operations for one matrix; a product of (m, k) and (k, n) counts 2mkn. */
    public static double flops(double rows, double columns) {
        double least = Math.min(rows, columns);
        double most = Math.max(rows, columns);
        return ITERATIONS * (4 * least * least * most + 2 * least * least * least);
    }
}
