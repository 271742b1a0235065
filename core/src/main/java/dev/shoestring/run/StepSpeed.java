package dev.shoestring.run;

import dev.shoestring.train.EvaluationRecord;
import dev.shoestring.train.Observer;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StepRecord;

/** How fast networks learn here: measured in the steps of brief healing, so that a longer one can be made to fit a time. */
final class StepSpeed implements Observer {
    /** The first steps of a network are slower than the others. */
    private static final int WARM_UP = 3;

    private double seconds;
    private double flops;

    @Override
    public void afterStep(StepRecord step, RunControl control) {
        if (step.step() > WARM_UP) {
            seconds += step.seconds();
            flops += step.flops();
        }
    }

    @Override
    public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
        // Steps alone are timed.
    }

    /** Wall seconds of a floating-point operation; NaN if no step has been timed. */
    double secondsPerFlop() {
        return flops == 0 ? Double.NaN : seconds / flops;
    }
}
