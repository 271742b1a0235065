package dev.shoestring.optim;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;

/**
 * Random numbers for stochastic rounding: a number is rounded up with the probability that makes the result right on average, so that
 * changes below the resolution of a type are not lost but only come late (Gupta et al. 2015, arXiv 1502.02551, section 3). Drawn once
 * a step and used for all tensors, piece by piece: each rounding needs a uniform number, not one that no other rounding has.
 */
final class RoundingNoise implements AutoCloseable {
    /** Elements that are updated at a time: what they need fits a processor's caches. */
    static final int PIECE = 1 << 19;

    private static final int KINDS = 3;
    private static final double BELOW_HALF_PRECISION = 65536;

    private final Tensor uniform_KP = Tensor.zeros(DType.FLOAT32, KINDS, PIECE).unscoped();

    /** Draws anew for a step. Threads share one generator, so only one draws at a time. */
    void draw(long seed, long step) {
        synchronized (RoundingNoise.class) {
            RandomState.seed(seed, step);
            uniform_KP.fillUniform(0, 1);
        }
    }

    /** Rounds down or up to whole numbers, (n): at most {@link #PIECE} elements. */
    Tensor whole(Tensor values_N, Kind kind) {
        return values_N.add(uniform(values_N.numel(), kind)).floor();
    }

    /** Rounds float32 values (n) to bfloat16, which is float32's upper half. */
    Tensor bf16(Tensor values_N, Kind kind) {
        long length = values_N.numel();
        Tensor lower_N = uniform(length, kind).mul(BELOW_HALF_PRECISION).to(DType.INT32);
        Tensor bits_N = values_N.contiguous().viewAs(DType.INT32, length).add(lower_N);
        return bits_N.viewAs(DType.BFLOAT16, length, 2).select(1, 1);
    }

    private Tensor uniform(long length, Kind kind) {
        return uniform_KP.select(0, kind.row).narrow(0, 0, length);
    }

    /** What is rounded; each kind has numbers of its own, so that the errors of one parameter's tensors have nothing in common. */
    enum Kind {
        /** The parameter itself. */
        PARAMETER(0),
        /** Its first moment. */
        FIRST(1),
        /** Its second moment. */
        SECOND(2);

        private final int row;

        Kind(int row) {
            this.row = row;
        }
    }

    @Override
    public void close() {
        uniform_KP.close();
    }
}
