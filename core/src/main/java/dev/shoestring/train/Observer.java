package dev.shoestring.train;

/** Watches a run: progress, metrics, checkpoints, budget. */
public interface Observer {
    /** Called at once after each optimizer step, before the evaluation that may follow. */
    default void stepped(StepRecord step) {
        // Most look at the step when its evaluation is over.
    }

    /** Called after each optimizer step, and after the evaluation that follows it, if any. */
    void afterStep(StepRecord step, RunControl control);

    /** Called after each evaluation, before {@link #afterStep} of the same step. */
    void afterEvaluation(EvaluationRecord evaluation, RunControl control);
}
