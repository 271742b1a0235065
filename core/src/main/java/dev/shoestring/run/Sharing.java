package dev.shoestring.run;

/**
 * What of a plan's time processes would do twice or one after the other; the rest they divide.
 *
 * @param starts seconds of starting operations
 * @param repeated seconds that every process spends: reading, checkpoints
 * @param optimizer seconds of the optimizer
 * @param examples examples or rows in a step
 * @param moments bytes of the optimizer's state
 * @param without seconds of the plan that are another run's, which is planned by itself
 * @param note what is left out, in a sentence; empty if nothing is
 */
record Sharing(
        double starts,
        double repeated,
        double optimizer,
        double examples,
        double moments,
        double without,
        String note) {}
