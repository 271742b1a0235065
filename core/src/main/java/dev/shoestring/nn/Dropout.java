package dev.shoestring.nn;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Dropout (JMLR 15, 1929–1958) whose masks are cut at random places from a pool of random bits that serves {@value #STEPS_PER_POOL}
 * steps. Drawing a mask anew for each use took 8% of a fine-tuning step; cutting one costs nothing. Masks of one step may overlap
 * in the pool, which makes them dependent where they do.
 */
public final class Dropout implements AutoCloseable {
    private static final int STEPS_PER_POOL = 64;
    private static final long SMALLEST_POOL = 1L << 22;
    private static final int ALIGNMENT = 32;

    private final double rate;
    private final long seed;
    private @Nullable Tensor pool;
    private long poolNumber = -1;
    private SplittableRandom offsets = new SplittableRandom(0);

    /** Dropout with probability {@code rate}, in [0, 1). */
    public Dropout(double rate, long seed) {
        this.rate = rate;
        this.seed = seed;
    }

    /** Starts a step: the masks that follow depend on the seed and this number alone. */
    public void startStep(long step) {
        offsets = new SplittableRandom(RandomState.mix(seed, step));
        if (rate > 0 && poolNumber != step / STEPS_PER_POOL) {
            poolNumber = step / STEPS_PER_POOL;
            fillPool(SMALLEST_POOL);
        }
    }

    /** Zeroes elements at random and scales the rest by 1/(1 − rate), in training; otherwise {@code x} itself. */
    public Tensor forward(Tensor x, Mode mode) {
        if (mode == Mode.EVALUATE || rate == 0) {
            return x;
        }
        return x.mul(mask(x.numel(), x.dtype()).view(x.shape()));
    }

    private Tensor mask(long elements, DType type) {
        Tensor bits = pool;
        if (bits == null || bits.numel() < elements + ALIGNMENT) {
            bits = fillPool(Math.max(SMALLEST_POOL, 2 * elements + ALIGNMENT));
        }
        long places = (bits.numel() - elements) / ALIGNMENT;
        return bits.narrow(0, offsets.nextLong(places) * ALIGNMENT, elements).to(type);
    }

    private Tensor fillPool(long elements) {
        try (NoGrad guard = NoGrad.on()) {
            close();
            RandomState.seed(seed, poolNumber, elements);
            Tensor filled = Tensor.zeros(DType.BFLOAT16, elements)
                    .unscoped()
                    .fillBernoulli(1 - rate)
                    .mulInPlace(1 / (1 - rate));
            pool = filled;
            return filled;
        }
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.close();
            pool = null;
        }
    }
}
