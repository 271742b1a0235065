package dev.shoestring.run;

import dev.shoestring.report.RunSummary;
import dev.shoestring.train.StopReason;

/**
 * How a run ended.
 *
 * @param summary the run in figures, as in {@code summary.json}
 * @param folder its folder
 * @param reason why it ended
 */
public record RunResult(RunSummary summary, RunFolder folder, StopReason reason) {}
