package dev.shoestring.data;

/**
 * A set of content keys, each as its first 64 bits: about 16 bytes of heap a key. Among ten million different contents two share these
 * bits with a probability of 3 in a million; one of the two would then be taken for a repetition.
 */
final class SeenKeys {
    private static final double FULLEST = 0.6;

    private long[] slots = new long[1 << 10];
    private int size;
    private boolean hasZero;

    /** The first 64 bits of a key of hexadecimal digits. */
    static long number(String key) {
        return Long.parseUnsignedLong(key, 0, 16, 16);
    }

    /** Adds a key; false if it was there. */
    boolean add(String key) {
        long number = number(key);
        if (number == 0) {
            boolean isNew = !hasZero;
            hasZero = true;
            return isNew;
        }
        if (size > FULLEST * slots.length) {
            grow();
        }
        if (!put(slots, number)) {
            return false;
        }
        size++;
        return true;
    }

    private void grow() {
        if (slots.length > 1 << 29) {
            throw new IllegalStateException("more than " + size + " different contents");
        }
        long[] larger = new long[2 * slots.length];
        for (long number : slots) {
            if (number != 0) {
                put(larger, number);
            }
        }
        slots = larger;
    }

    private static boolean put(long[] slots, long number) {
        int mask = slots.length - 1;
        int at = (int) number & mask;
        while (slots[at] != 0) {
            if (slots[at] == number) {
                return false;
            }
            at = (at + 1) & mask;
        }
        slots[at] = number;
        return true;
    }
}
