package dev.shoestring.train;

/**
 * Measures with the average of the weights in the network, and puts the network's own weights back.
 *
 * @param plan when and how it is measured
 * @param average the average
 */
public record AveragedEvaluation(EvaluationPlan plan, WeightAverage average) implements EvaluationPlan {
    @Override
    public boolean dueAfter(long step) {
        return plan.dueAfter(step);
    }

    @Override
    public boolean any() {
        return plan.any();
    }

    @Override
    public EvaluationRecord evaluate(long step, RunControl control) {
        average.exchange();
        try {
            return plan.evaluate(step, control);
        } finally {
            average.exchange();
        }
    }
}
