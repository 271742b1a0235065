package dev.shoestring.nn;

import org.jspecify.annotations.Nullable;

/**
 * What is random in a forward pass for training. While one is open on a thread, layers that leave out inputs at random do so, by its seed
 * and their own name alone: a block that is computed again leaves out the same. Otherwise nothing is random.
 */
public final class TrainingNoise implements AutoCloseable {
    private static final ThreadLocal<@Nullable Long> SEED = new ThreadLocal<>();

    private final @Nullable Long before;

    private TrainingNoise(@Nullable Long before) {
        this.before = before;
    }

    /** Begins a pass; to be closed at its end, on the same thread. */
    public static TrainingNoise of(long seed) {
        TrainingNoise noise = new TrainingNoise(SEED.get());
        SEED.set(seed);
        return noise;
    }

    /** The seed of the pass on this thread; null outside of one. */
    static @Nullable Long seed() {
        return SEED.get();
    }

    @Override
    public void close() {
        if (before == null) {
            SEED.remove();
        } else {
            SEED.set(before);
        }
    }
}
