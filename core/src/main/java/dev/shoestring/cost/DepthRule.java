package dev.shoestring.cost;

import java.util.OptionalInt;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * How wide a transformer of a depth is best: ln(width) = 5.039 + 0.0555 × layers, which Levine et al. fitted to language models of 6 to 48
 * layers (arXiv 2006.12467, section 5), but at least 256. That smallest width was measured here: of decoders of 1.4 to 2.9 M parameters that read 0.8 M
 * tokens, those of two and three layers, up to 256 wide and more, were better than all deeper and narrower ones (docs/experiments.md, 2026-11-27). So a small
 * budget goes into width first.
 */
public final class DepthRule {
    private static final double INTERCEPT = 5.039;
    private static final double SLOPE = 0.0555;
    private static final double NARROWEST = 256;
    private static final int FEWEST_LAYERS = 2;
    private static final int MOST_LAYERS = 48;

    private DepthRule() {}

    /**
     * A depth and a width.
     *
     * @param layers blocks
     * @param width model width
     */
    public record Size(int layers, int width) {}

    /** The width at which a network of so many layers is best. */
    public static double width(int layers) {
        return Math.max(NARROWEST, Math.exp(INTERCEPT + SLOPE * layers));
    }

    /** Whether the best width of so many layers is the smallest that there is, and not the paper's. */
    public static boolean narrowest(int layers) {
        return width(layers) == NARROWEST;
    }

    /**
     * The size within limits that comes nearest to the rule: of each depth the widest that fits, and of these the one whose width is least
     * times off, the deepest of equals.
     *
     * @param widths widths to choose among, ascending
     * @param fits tells whether a network of so many layers and this width is within the limits; wider and deeper ones fit no sooner
     * @return null if none fits
     */
    public static @Nullable Size choose(int[] widths, BiPredicate<Integer, Integer> fits) {
        Size best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int layers = FEWEST_LAYERS; layers <= MOST_LAYERS; layers++) {
            OptionalInt widest = widest(widths, layers, fits);
            if (widest.isEmpty()) {
                break;
            }
            double off = Math.abs(Math.log(widest.getAsInt() / width(layers)));
            if (off > least) {
                // The widest narrows with depth and the rule widens: they part from here on.
                break;
            }
            least = off;
            best = new Size(layers, widest.getAsInt());
        }
        return best;
    }

    private static OptionalInt widest(int[] widths, int layers, BiPredicate<Integer, Integer> fits) {
        // From the narrow side in ever longer strides: to try a network far beyond the limits can take long.
        int low = -1;
        int stride = 1;
        while (low + stride < widths.length && fits.test(layers, widths[low + stride])) {
            low += stride;
            stride *= 2;
        }
        int high = Math.min(low + stride, widths.length);
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (fits.test(layers, widths[middle])) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low < 0 ? OptionalInt.empty() : OptionalInt.of(widths[low]);
    }
}
