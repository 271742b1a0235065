package dev.shoestring.train;

/** When the validation split is measured, and how. */
public interface EvaluationPlan {
    /** Whether it is measured after that many steps. */
    boolean dueAfter(long step);

    /** Measures it. */
    EvaluationRecord evaluate(long step, RunControl control);
}
