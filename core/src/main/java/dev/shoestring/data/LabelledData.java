package dev.shoestring.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Labelled examples, split and ready to train on, whatever they are examples of. */
public interface LabelledData {
    /** Names of the labels. */
    List<String> labels();

    /** Number of training examples. */
    int trainExamples();

    /** The label of each example of a held-out split, as an index into {@link #labels}. */
    int[] heldLabels(Held held);

    /** What became of the rows. */
    DataReport report();

    /** An example of a held-out split in words: its text, or the path of its image. */
    String describe(Held held, int index);

    /** An example of a held-out split as a small PNG picture, or null if it is no image. */
    default byte @Nullable [] picture(Held held, int index) {
        return null;
    }

    /** The split that results are reported on: the test split, or the validation split if there is none. */
    default Held reported() {
        return heldLabels(Held.TEST).length > 0 ? Held.TEST : Held.VALIDATION;
    }
}
