package dev.shoestring.optim;

/** The learning rate over a run, as a factor of its peak. */
public interface Rate {
    /** All steps of the run. */
    long steps();

    /** Factor in [0, 1] of the step numbered from 0. */
    double factor(long step);
}
