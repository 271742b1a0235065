package dev.shoestring.optim;

import dev.shoestring.recipe.ScheduleSpec;

/**
 * The learning rate over a run, as a factor of its peak.
 *
 * @param kind shape after warm-up
 * @param steps all steps of the run
 * @param warmupSteps steps in which the factor rises linearly to 1
 */
public record Schedule(ScheduleSpec.Kind kind, long steps, long warmupSteps) implements Rate {
    /** The schedule of a recipe over that many steps. */
    public static Schedule of(ScheduleSpec spec, long steps) {
        return new Schedule(spec.kind(), steps, Math.round(spec.warmup() * steps));
    }

    @Override
    public double factor(long step) {
        if (step < warmupSteps) {
            return (step + 1.0) / warmupSteps;
        }
        double progress = steps == warmupSteps ? 1 : (double) (step - warmupSteps) / (steps - warmupSteps);
        return switch (kind) {
            case WARMUP_COSINE -> 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
            case WARMUP_LINEAR -> Math.max(0, 1 - progress);
            case CONSTANT -> 1;
        };
    }
}
