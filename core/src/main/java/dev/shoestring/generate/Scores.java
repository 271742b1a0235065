package dev.shoestring.generate;

import dev.shoestring.recipe.InputException;

/** Looks for the largest of many numbers without putting all in order. */
final class Scores {
    private Scores() {}

    /**
     * The place of the largest; of equal ones, the first.
     *
     * @throws InputException if there is none that is finite
     */
    static int best(float[] values) {
        int best = -1;
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < values.length; i++) {
            if (values[i] > largest) {
                largest = values[i];
                best = i;
            }
        }
        if (best < 0 || largest == Float.POSITIVE_INFINITY) {
            throw new InputException(
                    "model: its scores for the next piece are no finite numbers; the weights are damaged, or too large "
                            + "for the precision: use fp32");
        }
        return best;
    }

    /** The {@code count}-th largest number; a heap of so many holds the largest seen so far. */
    static float largest(float[] values, int count) {
        float[] heap = new float[count];
        int size = 0;
        for (float value : values) {
            if (size < count) {
                rise(heap, size++, value);
            } else if (value > heap[0]) {
                sink(heap, value);
            }
        }
        return heap[0];
    }

    private static void rise(float[] heap, int from, float value) {
        int at = from;
        while (at > 0 && heap[(at - 1) / 2] > value) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = value;
    }

    private static void sink(float[] heap, float value) {
        int at = 0;
        for (int child = 1; child < heap.length; child = 2 * at + 1) {
            if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= value) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = value;
    }

    /**
     * The smallest number that is needed for the largest ones to reach a sum; quickselect (Hoare 1961) by sums instead of counts.
     *
     * @param weights at least 0
     * @param positive an upper bound of how many are above 0
     * @param sum to be reached
     */
    static double border(double[] weights, int positive, double sum) {
        double[] open = new double[positive];
        int high = 0;
        for (double weight : weights) {
            if (weight > 0) {
                open[high++] = weight;
            }
        }
        int low = 0;
        double before = 0;
        while (high - low > 1) {
            double pivot = median(open[low], open[(low + high) >>> 1], open[high - 1]);
            // [low, above) is larger than the pivot, [above, at) equal, [below, high) smaller.
            int above = low;
            int below = high;
            double larger = 0;
            double equal = 0;
            for (int at = low; at < below; ) {
                double weight = open[at];
                if (weight > pivot) {
                    larger += weight;
                    open[at++] = open[above];
                    open[above++] = weight;
                } else if (weight < pivot) {
                    open[at] = open[--below];
                    open[below] = weight;
                } else {
                    equal += weight;
                    at++;
                }
            }
            if (above > low && before + larger >= sum) {
                high = above;
            } else if (before + larger + equal >= sum || below == high) {
                return pivot;
            } else {
                before += larger + equal;
                low = below;
            }
        }
        return low < high ? open[low] : 0;
    }

    private static double median(double a, double b, double c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
