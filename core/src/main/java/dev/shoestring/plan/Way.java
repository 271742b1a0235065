package dev.shoestring.plan;

import org.jspecify.annotations.Nullable;

/**
 * One way to share the work among processes. Every number is predicted.
 *
 * @param name in the table
 * @param effect what it does to what is learnt
 * @param seconds of the run
 * @param memory peak of a process or device, bytes
 * @param sent bytes that each sends to the others in a step, in the mean
 * @param communicating share of the time in which the arithmetic waits for the network
 * @param money price of all machines; NaN without a price
 * @param mfu model FLOPs utilization; NaN where none is counted
 * @param layout how it is spread, in words; empty if the name says it
 * @param refused why it cannot be; null if it can
 */
public record Way(
        String name,
        Effect effect,
        double seconds,
        double memory,
        double sent,
        double communicating,
        double money,
        double mfu,
        String layout,
        @Nullable String refused) {
    /** What a way does to what is learnt. */
    public enum Effect {
        /** The steps of one process. */
        NONE("nothing: the steps of one process"),
        /** What is sent is rounded. */
        ROUNDED("gradients are rounded to bf16"),
        /** Other steps. */
        OTHER("other steps: look at the loss");

        private final String words;

        Effect(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** A way that cannot be, and why. */
    static Way refused(String name, Effect effect, double memory, String why) {
        return new Way(name, effect, Double.NaN, memory, Double.NaN, Double.NaN, Double.NaN, Double.NaN, "", why);
    }

    /** Whether it can be. */
    public boolean possible() {
        return refused == null;
    }
}
