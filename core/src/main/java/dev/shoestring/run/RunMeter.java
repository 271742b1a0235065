package dev.shoestring.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.cost.Cost;
import dev.shoestring.cost.Energy;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.Money;
import dev.shoestring.recipe.StopSpec;
import dev.shoestring.train.EvaluationRecord;
import dev.shoestring.train.Observer;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StepRecord;
import dev.shoestring.train.StopReason;
import org.jspecify.annotations.Nullable;

/** Adds up what a run has done and cost, across resumptions, and asks for a stop when the budget is spent. */
final class RunMeter implements Observer {
    private final Ledger ledger;
    private final StopSpec stop;
    private long steps;
    private long examples;
    private long tokens;
    private double stepSeconds;
    private double secondsToTarget = Double.NaN;
    private double lossMean = Double.NaN;
    private @Nullable EvaluationRecord latest;

    RunMeter(Ledger ledger, StopSpec stop) {
        this.ledger = ledger;
        this.stop = stop;
    }

    @Override
    public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
        latest = evaluation;
        Double target = stop.target();
        if (target != null && evaluation.value() >= target && Double.isNaN(secondsToTarget)) {
            secondsToTarget = ledger.soFar().wallSeconds();
        }
    }

    @Override
    public void afterStep(StepRecord step, RunControl control) {
        steps = step.step();
        examples += step.examples();
        tokens += step.tokens();
        stepSeconds += step.seconds();
        ledger.addFlops(step.flops());
        lossMean = Double.isNaN(lossMean) ? step.loss() : 0.95 * lossMean + 0.05 * step.loss();
        StopSpec.Budget budget = stop.budget();
        Cost cost = ledger.soFar();
        boolean late =
                budget.time() != null && cost.wallSeconds() >= budget.time().toMillis() * 1e-3;
        boolean spent = budget.money() != null && cost.money().amount() >= budget.money();
        if (late || spent) {
            control.stop(StopReason.BUDGET);
        }
    }

    /** What a checkpoint keeps. */
    void save(ObjectNode state) {
        Cost cost = ledger.soFar();
        state.put("examples", examples).put("tokens", tokens).put("step_seconds", stepSeconds);
        state.put("wall_seconds", cost.wallSeconds()).put("cpu_seconds", cost.cpuSeconds());
        state.put("flops", cost.flops()).put("joules", cost.energy().joules());
        state.put("energy_source", cost.energy().source());
        state.put("money", cost.money().amount()).put("currency", cost.money().currency());
        if (!Double.isNaN(secondsToTarget)) {
            state.put("seconds_to_target", secondsToTarget);
        }
    }

    /** The cost that a checkpoint kept, for a ledger to go on from. */
    static Cost cost(ObjectNode state) {
        return new Cost(
                state.path("wall_seconds").asDouble(),
                state.path("cpu_seconds").asDouble(),
                state.path("flops").asDouble(),
                new Energy(
                        state.path("joules").asDouble(),
                        state.path("energy_source").asText()),
                new Money(state.path("money").asDouble(), state.path("currency").asText()));
    }

    /** Goes on from a checkpoint. The ledger has been resumed already. */
    void restore(ObjectNode state) {
        steps = state.path("step").asLong();
        examples = state.path("examples").asLong();
        tokens = state.path("tokens").asLong();
        stepSeconds = state.path("step_seconds").asDouble();
        secondsToTarget = state.path("seconds_to_target").asDouble(Double.NaN);
    }

    Cost cost() {
        return ledger.soFar();
    }

    long steps() {
        return steps;
    }

    long examples() {
        return examples;
    }

    long tokens() {
        return tokens;
    }

    /** Seconds spent in steps, evaluation not counted. */
    double stepSeconds() {
        return stepSeconds;
    }

    /** Wall seconds until the target was reached; NaN if it was not. */
    double secondsToTarget() {
        return secondsToTarget;
    }

    /** Running mean of the training loss. */
    double lossMean() {
        return lossMean;
    }

    @Nullable
    EvaluationRecord latest() {
        return latest;
    }
}
