package dev.shoestring.data;

/** Tokens to train on, as many as were asked for. The arrays are not to be changed. */
public final class PackedRow {
    private final int[] inputs;
    private final int[] targets;
    private final int[] starts;

    /**
     * A row.
     *
     * @param inputs ids of the tokens
     * @param targets for each token the id that it is to predict; negative for none
     * @param starts where documents begin, ascending, the first 0
     */
    public PackedRow(int[] inputs, int[] targets, int[] starts) {
        this.inputs = inputs;
        this.targets = targets;
        this.starts = starts;
    }

    /** Ids of the tokens. */
    public int[] inputs() {
        return inputs;
    }

    /** For each token the id that follows it in its document; negative where it has no loss, which none of {@link PackedSequences} has. */
    public int[] targets() {
        return targets;
    }

    /**
     * Places in the row at which a document, or a piece of one, begins: attention and positions restart there. Ascending, the first is 0.
     */
    public int[] starts() {
        return starts;
    }

    /** Number of tokens. */
    public int length() {
        return inputs.length;
    }

    /** Position of each token in its piece, from 0. */
    public int[] positions() {
        int[] positions = new int[inputs.length];
        int start = 0;
        int next = 0;
        for (int i = 0; i < positions.length; i++) {
            if (next < starts.length && starts[next] == i) {
                start = i;
                next++;
            }
            positions[i] = i - start;
        }
        return positions;
    }
}
