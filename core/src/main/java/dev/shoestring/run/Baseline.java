package dev.shoestring.run;

import dev.shoestring.data.Held;
import dev.shoestring.data.LabelledData;
import dev.shoestring.train.ClassificationMetrics;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The cheap baseline, trained.
 *
 * @param name what it is, for example {@code bag-of-words}
 * @param scorer class scores of a held-out split, (examples, labels)
 * @param seconds wall time of its training
 * @param flops floating-point operations of its training
 * @param epochs passes over the training examples
 * @param parameters numbers that were trained
 * @param save writes it into a model folder
 * @param free frees its weights
 */
record Baseline(
        String name,
        Function<Held, float[][]> scorer,
        double seconds,
        double flops,
        int epochs,
        long parameters,
        Consumer<Path> save,
        Runnable free)
        implements AutoCloseable {
    /** How well it does on a held-out split. */
    ClassificationMetrics metrics(LabelledData data, Held held) {
        return ClassificationMetrics.of(scorer.apply(held), data.heldLabels(held));
    }

    @Override
    public void close() {
        free.run();
    }
}
