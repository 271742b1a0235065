package dev.shoestring.train;

/** Watches a run: progress, metrics, checkpoints, budget. */
public interface Observer {
    /** Called after each optimizer step, and after the evaluation that follows it, if any. */
    void afterStep(StepRecord step, RunControl control);

    /** Called after each evaluation, before {@link #afterStep} of the same step. */
    void afterEvaluation(EvaluationRecord evaluation, RunControl control);
}
