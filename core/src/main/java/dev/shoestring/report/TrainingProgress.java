package dev.shoestring.report;

import org.jspecify.annotations.Nullable;

/**
 * Where a training run stands.
 *
 * @param step steps done
 * @param steps steps of the whole schedule
 * @param loss training loss, smoothed or of the step
 * @param validation the latest value of the watched metric on the validation split, null before the first evaluation
 * @param metric the watched metric, for example {@code accuracy}
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
        String metric,
        double tokensPerSecond,
        double secondsLeft,
        double money,
        String currency) {}
