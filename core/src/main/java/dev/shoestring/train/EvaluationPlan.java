package dev.shoestring.train;

/** When the validation split is measured, and how. */
public interface EvaluationPlan {
    /** Whether it is measured after that many steps. */
    boolean dueAfter(long step);

    /** Whether there is anything to measure. */
    default boolean any() {
        return true;
    }

    /** Measures it. */
    EvaluationRecord evaluate(long step, RunControl control);

    /** No evaluation at all. */
    static EvaluationPlan none() {
        return new EvaluationPlan() {
            @Override
            public boolean dueAfter(long step) {
                return false;
            }

            @Override
            public boolean any() {
                return false;
            }

            @Override
            public EvaluationRecord evaluate(long step, RunControl control) {
                throw new IllegalStateException("nothing is evaluated");
            }
        };
    }
}
