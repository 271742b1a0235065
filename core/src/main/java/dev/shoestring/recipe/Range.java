package dev.shoestring.recipe;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The numbers that a setting may take. */
record Range(double low, boolean lowIncluded, double high, boolean highIncluded) {
    /** From {@code low} to {@code high}, both included. */
    static Range closed(double low, double high) {
        return new Range(low, true, high, true);
    }

    /** Greater than 0 and at most {@code high}. */
    static Range positive(double high) {
        return new Range(0, false, high, true);
    }

    /** At least 0 and less than 1. */
    static Range share() {
        return below(1);
    }

    /** At least 0 and less than {@code high}. */
    static Range below(double high) {
        return new Range(0, true, high, false);
    }

    /** Between 0 and 1, neither included. */
    static Range rate() {
        return new Range(0, false, 1, false);
    }

    boolean holds(double value) {
        return (lowIncluded ? value >= low : value > low) && (highIncluded ? value <= high : value < high);
    }

    /** The end of the range that is nearest, if it is part of the range. */
    @Nullable
    Double nearest(double value) {
        if (value < low) {
            return lowIncluded ? low : null;
        }
        return value > high && highIncluded ? high : null;
    }

    @Override
    public String toString() {
        return (lowIncluded ? "at least " : "greater than ")
                + plain(low)
                + (highIncluded ? " and at most " : " and less than ")
                + plain(high);
    }

    /** A number as one would write it in YAML. */
    static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value).toLowerCase(Locale.ROOT);
    }
}
