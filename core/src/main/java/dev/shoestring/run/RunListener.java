package dev.shoestring.run;

import dev.shoestring.report.TrainingProgress;

/** Told what a run is doing, for people to see. */
public interface RunListener {
    /** A sentence about what happens next, or what was found. */
    void message(String text);

    /** After each step; {@code evaluated} if the validation split has just been measured. */
    void progress(TrainingProgress progress, boolean evaluated);

    /** Bytes of a download, or texts of a long preparation; {@code total} is −1 if it is not known. */
    void transferred(String what, long done, long total);

    /** Tells nobody. */
    static RunListener silent() {
        return new RunListener() {
            @Override
            public void message(String text) {
                // Nobody listens.
            }

            @Override
            public void progress(TrainingProgress progress, boolean evaluated) {
                // Nobody listens.
            }

            @Override
            public void transferred(String what, long done, long total) {
                // Nobody listens.
            }
        };
    }
}
