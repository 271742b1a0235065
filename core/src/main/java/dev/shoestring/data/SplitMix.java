package dev.shoestring.data;

import java.util.random.RandomGenerator;

/**
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), seeded from any number of
 * parts: a run's seed, the epoch, an example's index. Whoever knows the parts can draw the same numbers again, so a run resumes at
 * any step without saved generator state. Bounded integers are drawn here and not by the JDK's default methods, whose algorithm may
 * change between releases: the same parts give the same order on every machine.
 */
public final class SplitMix implements RandomGenerator {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private SplitMix(long state) {
        this.state = state;
    }

    /** Makes a generator whose numbers depend on every part and on their order. */
    public static SplitMix of(long... parts) {
        long state = 0;
        for (long part : parts) {
            state = mix(state + GOLDEN_GAMMA + mix(part + GOLDEN_GAMMA));
        }
        return new SplitMix(state);
    }

    /** Scrambles a value one to one, so that nearby inputs give unrelated outputs (David Stafford's variant 13). */
    public static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /**
     * A number in [0, bound) by multiplication (Lemire 2019), without rejection: the bias is below bound / 2<sup>32</sup>.
     *
     * @throws IllegalArgumentException if the bound is not positive
     */
    @Override
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be positive: " + bound);
        }
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /** A number in [0, 1) with 53 random bits. */
    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Puts the array into random order (Fisher and Yates). */
    public void shuffle(int[] order) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }
}
