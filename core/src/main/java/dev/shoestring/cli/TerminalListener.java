package dev.shoestring.cli;

import dev.shoestring.report.ProgressLine;
import dev.shoestring.report.TrainingProgress;
import dev.shoestring.run.RunListener;

/** Shows a run on the terminal's progress line. */
record TerminalListener(ProgressLine line) implements RunListener {
    @Override
    public void message(String text) {
        line.message(text);
    }

    @Override
    public void progress(TrainingProgress progress, boolean evaluated) {
        if (evaluated) {
            line.evaluated(progress);
        } else {
            line.training(progress);
        }
    }

    @Override
    public void transferred(String what, long done, long total) {
        String unit = what.startsWith("image") ? "images" : what.endsWith("features") ? "examples" : "bytes";
        line.task(what, done, total, unit);
    }
}
