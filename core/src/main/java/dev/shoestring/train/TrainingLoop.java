package dev.shoestring.train;

import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Rate;
import dev.shoestring.tensor.GradientNorm;
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
        for (long step = first; step < schedule.steps() && control.reason() == null; step++) {
            StepRecord record = step(step);
            if (!Double.isFinite(record.loss()) || !Double.isFinite(record.gradientNorm())) {
                return StopReason.DIVERGED;
            }
            observers.forEach(observer -> observer.stepped(record));
            boolean evaluated = evaluations.dueAfter(record.step());
            if (evaluated) {
                EvaluationRecord evaluation = evaluations.evaluate(record.step(), control);
                observers.forEach(observer -> observer.afterEvaluation(evaluation, control));
            }
            observers.forEach(observer -> observer.afterStep(record, control));
            if (!evaluated && evaluations.any() && control.reason() == StopReason.BUDGET) {
                EvaluationRecord last = evaluations.evaluate(record.step(), control);
                observers.forEach(observer -> observer.afterEvaluation(last, control));
            }
        }
        @Nullable StopReason reason = control.reason();
        return reason == null ? StopReason.COMPLETED : reason;
    }

    private StepRecord step(long step) {
        long start = System.nanoTime();
        List<B> micros = batches.step(step);
        double factor = schedule.factor(step);
        double weight = micros.stream().mapToLong(MicroBatch::weight).sum();
        double loss = 0;
        for (B micro : micros) {
            try (TensorScope scope = TensorScope.open()) {
                loss += objective.backward(micro, weight, arithmetic);
            }
        }
        List<Tensor> parameters = optimizer.parameters();
        sync.synchronize(parameters);
        double norm = GradientNorm.clip(parameters, clipNorm > 0 ? clipNorm : Float.MAX_VALUE);
        if (Double.isFinite(norm)) {
            optimizer.step(factor);
        }
        optimizer.clearGradients();
        return new StepRecord(
                step + 1,
                schedule.steps(),
                loss,
                factor,
                norm,
                micros.stream().mapToInt(MicroBatch::examples).sum(),
                micros.stream().mapToLong(MicroBatch::realTokens).sum(),
                micros.stream().mapToDouble(MicroBatch::flops).sum(),
                micros.stream().mapToDouble(MicroBatch::repeatedFlops).sum(),
                (System.nanoTime() - start) * 1e-9);
    }
}
