package dev.shoestring.report;

import org.jspecify.annotations.Nullable;

/**
 * Where a training run stands.
 *
 * @param step steps done
 * @param steps steps of the whole schedule
 * @param loss training loss, smoothed or of the step
 * @param validation the latest validation accuracy, null before the first evaluation
 * @param tokensPerSecond real tokens a second
 * @param secondsLeft estimated time to the end of the schedule; NaN when not known
 * @param money cost so far; NaN when not known
 * @param currency its currency
 */
public record TrainingProgress(
        long step,
        long steps,
        double loss,
        @Nullable Double validation,
        double tokensPerSecond,
        double secondsLeft,
        double money,
        String currency) {}
