package dev.shoestring.run;

import dev.shoestring.train.Division;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Objective;
import dev.shoestring.train.StepBatches;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a language model is trained on and measured by.
 *
 * @param batches training data in steps
 * @param stepsPerEpoch steps in a pass over the training data
 * @param objective what training makes small
 * @param validation measures the validation split, a process its part of it
 * @param test measures the test split; null if there is none
 * @param preparationFlops floating-point operations spent before the first step
 * @param closed closes what it holds beside the network
 */
record LanguageWork<B extends MicroBatch>(
        StepBatches<B> batches,
        int stepsPerEpoch,
        Objective<B> objective,
        Function<Division, Measurement> validation,
        @Nullable Supplier<Measurement> test,
        double preparationFlops,
        Runnable closed) {
    /** Work that holds nothing. */
    LanguageWork(
            StepBatches<B> batches,
            int stepsPerEpoch,
            Objective<B> objective,
            Function<Division, Measurement> validation,
            @Nullable Supplier<Measurement> test,
            double preparationFlops) {
        this(batches, stepsPerEpoch, objective, validation, test, preparationFlops, () -> {});
    }
}
