package dev.shoestring.train;

import dev.shoestring.tensor.GradientNorm;
import dev.shoestring.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the processes of a job do together in a step: agree on it, add up their gradients, and add up what they did. */
public interface GradientSync {
    /**
     * What all processes go by in a step.
     *
     * @param weight terms of the loss in all processes' micro-batches
     * @param factor factor of the rate, as rank 0 has it
     * @param stop why the run is to end before this step, if any process has a reason
     */
    record Agreement(double weight, double factor, @Nullable StopReason stop) {}

    /** Called at the beginning of a step with what this process has. */
    Agreement agree(double weight, double factor, @Nullable StopReason stop);

    /** Called before the backward pass that completes the gradients of a step, if this process has one. */
    default void lastBackward() {
        // Most wait until all gradients are there.
    }

    /** Replaces each gradient that this process steps along by the sum over the processes; others are forgotten. */
    void synchronize(List<Tensor> parameters);

    /**
     * Scales the gradients so that their joint 2-norm is at most {@code maxNorm}; called after {@link #synchronize}.
     *
     * @return the norm before scaling, the same in all processes that step together; not finite if any gradient is not
     */
    default double clip(List<Tensor> parameters, double maxNorm) {
        return GradientNorm.clip(parameters, maxNorm);
    }

    /** Called after the optimizer's step. */
    default void afterStep(long step) {
        // Most are done with a step when gradients are the same.
    }

    /** The step as all processes together did it. */
    StepRecord total(StepRecord own);

    /**
     * Whether the loss has remained a number in all processes; called before an evaluation and at the end, where they must not part.
     *
     * @param finite whether it has in this one
     */
    default boolean allFinite(boolean finite) {
        return finite;
    }

    /** Called before the network is evaluated or saved: what processes have of their own, running statistics, becomes the same. */
    default void beforeEvaluation() {
        // One process has nothing to make the same.
    }

    /**
     * Whether parameters, optimizer and running statistics are those after the last step that {@link #total} has counted: after a call to the
     * others has failed, only then can they be saved as that step's.
     */
    default boolean atBoundary() {
        return true;
    }

    /** One process: nothing to do. */
    static GradientSync none() {
        return new GradientSync() {
            @Override
            public Agreement agree(double weight, double factor, @Nullable StopReason stop) {
                return new Agreement(weight, factor, stop);
            }

            @Override
            public void synchronize(List<Tensor> parameters) {
                // Gradients are those of all there is.
            }

            @Override
            public StepRecord total(StepRecord own) {
                return own;
            }
        };
    }
}
