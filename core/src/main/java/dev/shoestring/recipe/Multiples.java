package dev.shoestring.recipe;

/** Multiples of a number, for messages. */
final class Multiples {
    private Multiples() {}

    /** The multiples of {@code of} below and above {@code value}: {@code 96 or 112}. */
    static String around(int value, int of) {
        int below = value / of * of;
        return below == 0 ? Integer.toString(of) : below + " or " + (below + of);
    }
}
