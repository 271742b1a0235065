package dev.shoestring.nn;

/** Whether a forward pass is for training or for evaluation. */
public enum Mode {
    /** Dropout is active. */
    TRAIN,
    /** Nothing random. */
    EVALUATE
}
