package dev.shoestring.run;

import dev.shoestring.cost.Ledger;
import dev.shoestring.train.EvaluationRecord;
import dev.shoestring.train.Observer;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StepRecord;

/** Adds the operations of each step to a ledger. */
record FlopsCounter(Ledger ledger) implements Observer {
    @Override
    public void afterStep(StepRecord step, RunControl control) {
        ledger.addFlops(step.flops() + step.repeatedFlops());
    }

    @Override
    public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
        // Whoever evaluates counts that.
    }
}
