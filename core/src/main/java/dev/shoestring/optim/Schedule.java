package dev.shoestring.optim;

import dev.shoestring.recipe.ScheduleSpec;

/**
 * The learning rate over a run, as a factor of its peak.
 *
 * @param kind shape after warm-up
 * @param steps all steps of the run
 * @param warmupSteps steps in which the factor rises to 1
 * @param cooldownSteps steps in which a trapezoid falls to 0
 */
public record Schedule(ScheduleSpec.Kind kind, long steps, long warmupSteps, long cooldownSteps) implements Rate {
    /** The schedule of a recipe over that many steps. */
    public static Schedule of(ScheduleSpec spec, long steps) {
        return new Schedule(spec.kind(), steps, Math.round(spec.warmup() * steps), Math.round(spec.cooldown() * steps));
    }

    @Override
    public double factor(long step) {
        if (step < warmupSteps) {
            double risen = (step + 1.0) / warmupSteps;
            return kind == ScheduleSpec.Kind.ONE_CYCLE ? 0.5 * (1 - Math.cos(Math.PI * risen)) : risen;
        }
        double progress = steps == warmupSteps ? 1 : (double) (step - warmupSteps) / (steps - warmupSteps);
        return switch (kind) {
            case TRAPEZOID -> cooldownSteps == 0 ? 1 : Math.min(1, (double) (steps - step) / cooldownSteps);
            case WARMUP_COSINE, ONE_CYCLE -> 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
            case WARMUP_LINEAR -> Math.max(0, 1 - progress);
            case CONSTANT -> 1;
        };
    }
}
