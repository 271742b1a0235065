package dev.shoestring.data;

/**
 * One example as a model takes it. A plain class and no record, for its array is compared by content nowhere.
 */
public final class Encoded {
    private final int[] ids;
    private final int label;

    /** Takes the array as it is; it must not change afterwards. */
    public Encoded(int[] ids, int label) {
        this.ids = ids;
        this.label = label;
    }

    /** Token ids, special tokens included; not to be changed. */
    public int[] ids() {
        return ids;
    }

    /** Index of the label. */
    public int label() {
        return label;
    }
}
