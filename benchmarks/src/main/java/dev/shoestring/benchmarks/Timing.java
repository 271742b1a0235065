package dev.shoestring.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * How long each of some steps took.
 *
 * @param milliseconds in the order of the steps
 */
record Timing(List<Double> milliseconds) {
    /** Copies the list. */
    Timing {
        milliseconds = List.copyOf(milliseconds);
    }

    /** Runs steps, the first {@code warmup} of them untimed; each is told its number, counted from 0. */
    static Timing of(int warmup, int steps, IntConsumer step) {
        List<Double> milliseconds = new ArrayList<>();
        for (int i = 0; i < warmup + steps; i++) {
            long start = System.nanoTime();
            step.accept(i);
            if (i >= warmup) {
                milliseconds.add((System.nanoTime() - start) * 1e-6);
            }
        }
        return new Timing(milliseconds);
    }

    double median() {
        return median(milliseconds);
    }

    /** The middle value, of an even number the higher one. */
    static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    double fastest() {
        return Collections.min(milliseconds);
    }

    double total() {
        return milliseconds.stream().mapToDouble(Double::doubleValue).sum();
    }
}
