package dev.shoestring.train;

import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Rate;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one training loop: batches in, objective, backward, gradient sync, clip, step, observers. Accumulation is exact: every
 * micro-batch's loss is divided by the weight of the whole step, so that any split gives the same gradient.
 */
public record TrainingLoop<B extends MicroBatch>(
        StepBatches<B> batches,
        Objective<B> objective,
        Arithmetic arithmetic,
        Optimizer optimizer,
        Rate schedule,
        double clipNorm,
        GradientSync sync,
        EvaluationPlan evaluations,
        List<Observer> observers) {

    /** Trains from the step numbered {@code first} (from 0) until the schedule ends or somebody asks for a stop. */
    public StopReason run(long first, RunControl control) {
        long evaluated = -1;
        boolean diverged = false;
        for (long step = first; step < schedule.steps(); step++) {
            long start = System.nanoTime();
            List<B> micros = batches.step(step);
            double own = micros.stream().mapToLong(MicroBatch::weight).sum();
            @Nullable StopReason asked = diverged ? StopReason.DIVERGED : control.reason();
            GradientSync.Agreement agreed = sync.agree(own, schedule.factor(step), asked);
            @Nullable StopReason stop = agreed.stop();
            if (stop != null) {
                control.stop(stop);
                boolean due = stop == StopReason.BUDGET && step > first && evaluated != step && evaluations.any();
                return !due || evaluated(step, control, !diverged) ? stop : StopReason.DIVERGED;
            }
            StepRecord record = step(step, micros, agreed, start);
            if (!Double.isFinite(record.loss()) || !Double.isFinite(record.gradientNorm())) {
                // All leave together, at the next agreement.
                diverged = true;
            } else {
                observers.forEach(observer -> observer.stepped(record));
            }
            if (evaluations.dueAfter(record.step())) {
                evaluated = record.step();
                if (!evaluated(evaluated, control, !diverged)) {
                    return StopReason.DIVERGED;
                }
            }
            if (diverged) {
                continue;
            }
            observers.forEach(observer -> observer.afterStep(record, control));
        }
        if (!sync.allFinite(!diverged)) {
            return StopReason.DIVERGED;
        }
        @Nullable StopReason reason = control.reason();
        return reason == null ? StopReason.COMPLETED : reason;
    }

    /** Evaluates, unless some process has no numbers left to evaluate: then none does, and all say so. */
    private boolean evaluated(long step, RunControl control, boolean finite) {
        if (!sync.allFinite(finite)) {
            return false;
        }
        sync.beforeEvaluation();
        EvaluationRecord evaluation = evaluations.evaluate(step, control);
        observers.forEach(observer -> observer.afterEvaluation(evaluation, control));
        return true;
    }

    private StepRecord step(long step, List<B> micros, GradientSync.Agreement agreed, long start) {
        double loss = 0;
        for (int i = 0; i < micros.size(); i++) {
            if (i == micros.size() - 1) {
                sync.lastBackward();
            }
            try (TensorScope scope = TensorScope.open()) {
                loss += objective.backward(micros.get(i), agreed.weight(), arithmetic);
            }
        }
        List<Tensor> parameters = optimizer.parameters();
        sync.synchronize(parameters);
        double norm = sync.clip(parameters, clipNorm > 0 ? clipNorm : Float.MAX_VALUE);
        if (Double.isFinite(norm)) {
            optimizer.step(agreed.factor());
        }
        optimizer.clearGradients();
        sync.afterStep(step + 1);
        StepRecord record = sync.total(new StepRecord(
                step + 1,
                schedule.steps(),
                loss,
                agreed.factor(),
                norm,
                micros.stream().mapToInt(MicroBatch::examples).sum(),
                micros.stream().mapToLong(MicroBatch::realTokens).sum(),
                micros.stream().mapToDouble(MicroBatch::flops).sum(),
                micros.stream().mapToDouble(MicroBatch::repeatedFlops).sum(),
                0,
                0));
        return record.within((System.nanoTime() - start) * 1e-9);
    }
}
