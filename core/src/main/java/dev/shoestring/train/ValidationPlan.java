package dev.shoestring.train;

import dev.shoestring.recipe.StopSpec;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures the validation split a fixed number of times an epoch and after the last step, remembers the best weights, and asks for
 * a stop at the target or when patience runs out.
 */
public final class ValidationPlan implements EvaluationPlan {
    /**
     * What a checkpoint keeps of the plan.
     *
     * @param bestValue best value so far; not a number before the first evaluation
     * @param bestStep step of the best value
     * @param evaluationsSinceBest evaluations without improvement
     */
    public record Progress(double bestValue, long bestStep, int evaluationsSinceBest) {
        /** Before the first evaluation. */
        public static final Progress START = new Progress(Double.NaN, 0, 0);
    }

    private final StopSpec stop;
    private final double stepsPerEvaluation;
    private final long steps;
    private final Supplier<Measurement> measure;
    private final BestWeights best;
    private Progress progress;

    /** Measures by {@code measure}, {@code stop.evaluationsPerEpoch} times in every {@code stepsPerEpoch} steps. */
    public ValidationPlan(
            StopSpec stop,
            long stepsPerEpoch,
            long steps,
            Supplier<Measurement> measure,
            BestWeights best,
            Progress progress) {
        this.stop = stop;
        this.stepsPerEvaluation = Math.max(1, stepsPerEpoch / stop.evaluationsPerEpoch());
        this.steps = steps;
        this.measure = measure;
        this.best = best;
        this.progress = progress;
    }

    @Override
    public boolean dueAfter(long step) {
        boolean crossed = Math.floor(step / stepsPerEvaluation) > Math.floor((step - 1) / stepsPerEvaluation);
        boolean farFromTheEnd = steps - step >= stepsPerEvaluation / 2;
        return step == steps || (crossed && farFromTheEnd);
    }

    @Override
    public EvaluationRecord evaluate(long step, RunControl control) {
        long start = System.nanoTime();
        Measurement measured = measure.get();
        double value = value(stop.metric(), measured);
        boolean better = stop.metric().better(value, progress.bestValue());
        if (better) {
            best.remember();
            progress = new Progress(value, step, 0);
        } else {
            progress = new Progress(progress.bestValue(), progress.bestStep(), progress.evaluationsSinceBest() + 1);
        }
        @Nullable Double target = stop.target();
        @Nullable Integer patience = stop.patience();
        if (target != null && stop.metric().reached(value, target)) {
            control.stop(StopReason.TARGET_REACHED);
        } else if (patience != null && progress.evaluationsSinceBest() > patience) {
            control.stop(StopReason.PATIENCE);
        }
        return new EvaluationRecord(step, value, measured, better, (System.nanoTime() - start) * 1e-9);
    }

    /** Why the run had already ended when its checkpoint was written; null if it had not. */
    public @Nullable StopReason ended() {
        @Nullable Double target = stop.target();
        @Nullable Integer patience = stop.patience();
        if (target != null && stop.metric().reached(progress.bestValue(), target)) {
            return StopReason.TARGET_REACHED;
        }
        return patience != null && progress.evaluationsSinceBest() > patience ? StopReason.PATIENCE : null;
    }

    /** What a metric is of a measurement. */
    public static double value(StopSpec.Metric metric, Measurement measured) {
        return switch (metric) {
            case ACCURACY -> Objects.requireNonNull(measured.accuracy());
            case MACRO_F1 -> Objects.requireNonNull(measured.macroF1());
            case LOSS -> measured.loss();
        };
    }

    /** Best value so far and patience spent. */
    public Progress progress() {
        return progress;
    }
}
