package dev.shoestring.run;

import com.fasterxml.jackson.databind.JsonNode;
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
    private final BudgetGauge gauge;
    private final double evaluationInSteps;
    private long steps;
    private long examples;
    private long tokens;
    private double stepSeconds;
    private double stepFlops;
    private double evaluationSeconds;
    private int evaluations;
    private @Nullable Cost toTarget;
    private @Nullable Cost opened;
    private double lossMean = Double.NaN;
    private @Nullable EvaluationRecord latest;

    /**
     * A meter at nothing.
     *
     * @param evaluationInSteps time of an evaluation in units of the time of a step, before one has been measured
     */
    RunMeter(Ledger ledger, StopSpec stop, double evaluationInSteps) {
        this.ledger = ledger;
        this.stop = stop;
        this.evaluationInSteps = evaluationInSteps;
        this.gauge = new BudgetGauge(stop.budget());
    }

    @Override
    public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
        latest = evaluation;
        evaluationSeconds += evaluation.seconds();
        evaluations++;
        Double target = stop.target();
        if (target != null && stop.metric().reached(evaluation.value(), target) && toTarget == null) {
            toTarget = ledger.soFar();
        }
    }

    @Override
    public void stepped(StepRecord step) {
        steps = step.step();
        examples += step.examples();
        tokens += step.tokens();
        stepSeconds += step.seconds();
        stepFlops += step.flops();
        ledger.addFlops(step.flops() + step.repeatedFlops());
        ledger.addCpuSeconds(step.othersCpuSeconds());
        lossMean = Double.isNaN(lossMean) ? step.loss() : 0.95 * lossMean + 0.05 * step.loss();
    }

    @Override
    public void afterStep(StepRecord step, RunControl control) {
        if (stop.budget().limits() && spent() >= 1) {
            control.stop(StopReason.BUDGET);
        }
    }

    /** Adds the work that was done before the first step. */
    void prepared(double flops) {
        ledger.addFlops(flops);
    }

    /** Share of the budget that was spent before the run's first step, in whichever process that was made. */
    double opening() {
        if (opened == null) {
            opened = ledger.soFar();
        }
        return stop.budget().limits() ? gauge.spent(opened, evaluation()) : 0;
    }

    /** Share of the budget that is spent, the cost of a last evaluation set aside; 0 without a budget. */
    double spent() {
        if (!stop.budget().limits()) {
            return 0;
        }
        return gauge.spent(ledger.soFar(), evaluation());
    }

    /** Seconds of an evaluation, as far as is known. */
    private double evaluation() {
        return evaluations > 0
                ? evaluationSeconds / evaluations
                : steps == 0 ? 0 : stepSeconds / steps * evaluationInSteps;
    }

    /** What a checkpoint keeps. */
    void save(ObjectNode state) {
        Cost cost = ledger.soFar();
        state.put("examples", examples).put("tokens", tokens).put("step_seconds", stepSeconds);
        put(cost, state);
        state.put("step_flops", stepFlops);
        if (toTarget != null) {
            put(toTarget, state.putObject("to_target"));
        }
        if (opened != null) {
            put(opened, state.putObject("opened"));
        }
    }

    static void put(Cost cost, ObjectNode state) {
        state.put("wall_seconds", cost.wallSeconds()).put("cpu_seconds", cost.cpuSeconds());
        state.put("flops", cost.flops()).put("joules", cost.energy().joules());
        state.put("energy_source", cost.energy().source());
        state.put("money", cost.money().amount()).put("currency", cost.money().currency());
    }

    /** The cost that a checkpoint kept, for a ledger to go on from. */
    static Cost cost(JsonNode state) {
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
        stepFlops = state.path("step_flops").asDouble();
        JsonNode target = state.path("to_target");
        toTarget = target.isObject() ? cost(target) : null;
        JsonNode start = state.path("opened");
        opened = start.isObject() ? cost(start) : null;
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

    /** Floating-point operations of the steps alone. */
    double stepFlops() {
        return stepFlops;
    }

    /** What had been spent when an evaluation first reached the target; null if none has. */
    @Nullable
    Cost toTarget() {
        return toTarget;
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
