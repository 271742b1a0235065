package dev.shoestring.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * LibTorch's random numbers. Training seeds them anew at each step from the run's seed and the step's number, so that a resumed
 * run draws what an unbroken one would have drawn, without any state to save.
 */
public final class RandomState {
    private RandomState() {}

    /** Seeds from a run's seed and any further coordinates (a step, a purpose), well mixed. */
    public static void seed(long seed, long... coordinates) {
        LibTorch.load();
        torch.manual_seed(mix(seed, coordinates));
    }

    /** One well-mixed number from a seed and coordinates (SplitMix64's finalizer; Steele et al., OOPSLA 2014). */
    public static long mix(long seed, long... coordinates) {
        long state = scramble(seed + GOLDEN_GAMMA);
        for (long coordinate : coordinates) {
            state = scramble(state ^ scramble(coordinate + GOLDEN_GAMMA));
        }
        return state;
    }

    private static long scramble(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
}
