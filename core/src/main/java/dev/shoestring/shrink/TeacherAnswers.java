package dev.shoestring.shrink;

/**
 * What a teacher made of each text, computed once. A class and no record, for its arrays are compared nowhere.
 */
public final class TeacherAnswers {
    private final float[][] logits;
    private final float[][] features;

    /**
     * Takes the arrays as they are.
     *
     * @param logits class scores, (texts, labels)
     * @param features the encoder's output at the first token, (texts, width)
     */
    public TeacherAnswers(float[][] logits, float[][] features) {
        if (logits.length != features.length || logits.length == 0) {
            throw new IllegalArgumentException(logits.length + " rows of logits, " + features.length + " of features");
        }
        this.logits = logits;
        this.features = features;
    }

    /** Number of texts. */
    public int size() {
        return logits.length;
    }

    /** Width of the teacher's encoder. */
    public int width() {
        return features[0].length;
    }

    /** Class scores of a text; not to be changed. */
    public float[] logits(int text) {
        return logits[text];
    }

    /** The encoder's output at a text's first token; not to be changed. */
    public float[] features(int text) {
        return features[text];
    }
}
