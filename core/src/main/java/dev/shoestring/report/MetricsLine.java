package dev.shoestring.report;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/** One line of {@code metrics.jsonl}; {@code event} says which kind. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = MetricsLine.Step.class, name = "step"),
    @JsonSubTypes.Type(value = MetricsLine.Evaluation.class, name = "evaluation")
})
public sealed interface MetricsLine {
    /** Optimizer steps done, from 1. */
    long step();

    /**
     * One optimizer step.
     *
     * @param step its number, from 1
     * @param seconds wall time since training began
     * @param loss mean training loss of the step
     * @param lr learning rate
     * @param gradientNorm norm of the gradient before clipping
     * @param examples examples in the step
     * @param tokens real tokens in the step
     * @param tokensPerSecond real tokens a second of this step, evaluation not counted
     * @param money cost of the run so far, in the currency of its price list
     */
    record Step(
            long step,
            double seconds,
            double loss,
            double lr,
            double gradientNorm,
            int examples,
            long tokens,
            double tokensPerSecond,
            double money)
            implements MetricsLine {}

    /**
     * One evaluation of the validation split.
     *
     * @param step steps done
     * @param seconds wall time since training began
     * @param value the watched metric
     * @param accuracy share of examples with the right label; null where nothing is chosen
     * @param macroF1 unweighted mean of the labels' F1 scores; null where there are no labels
     * @param loss mean cross-entropy
     * @param bitsPerByte cross-entropy of the text over its bytes; null where no text is modelled
     * @param rewardMargin how much greater the reward of the better of two answers is, a mean; null where none are compared
     * @param best whether no earlier evaluation was better
     * @param flops floating-point operations of training so far; null in a log that an earlier version wrote
     */
    record Evaluation(
            long step,
            double seconds,
            double value,
            @Nullable Double accuracy,
            @Nullable Double macroF1,
            double loss,
            @Nullable Double bitsPerByte,
            @Nullable Double rewardMargin,
            boolean best,
            @Nullable Double flops)
            implements MetricsLine {
        /** An evaluation whose compute is not known. */
        public Evaluation(
                long step, double seconds, double value, double accuracy, double macroF1, double loss, boolean best) {
            this(step, seconds, value, accuracy, macroF1, loss, null, null, best, null);
        }
    }
}
