package dev.shoestring.run;

import dev.shoestring.data.Held;
import dev.shoestring.data.LabelledData;
import dev.shoestring.report.ConfusionMatrix;
import dev.shoestring.report.Mistake;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.Measurement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a report shows of a classifier's scores: how they fit, what is confused, the surest mistakes. */
final class ClassifierReport {
    private static final int MISTAKES = 20;

    private final LabelledData data;
    private final Held held;
    private final float[][] logits;

    private ClassifierReport(LabelledData data, Held held, float[][] logits) {
        this.data = data;
        this.held = held;
        this.logits = logits;
    }

    /** Scores the split that results are reported on. */
    static Job.Reported of(LabelledData data, Function<Held, float[][]> scorer) {
        Held held = data.reported();
        return new ClassifierReport(data, held, scorer.apply(held)).reported();
    }

    private Job.Reported reported() {
        int[] labels = data.heldLabels(held);
        @Nullable
        Measurement test = held == Held.TEST ? Measurement.of(ClassificationMetrics.of(logits, labels)) : null;
        int[] predicted =
                Arrays.stream(logits).mapToInt(ClassificationMetrics::argmax).toArray();
        return new Job.Reported(test, ConfusionMatrix.of(data.labels(), labels, predicted), mistakes(labels));
    }

    /** The examples that the model gets wrong and is surest of. */
    private List<Mistake> mistakes(int[] labels) {
        record Wrong(int index, int predicted, double probability) {}
        List<Wrong> wrong = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            int predicted = ClassificationMetrics.argmax(logits[i]);
            if (predicted != labels[i]) {
                wrong.add(new Wrong(i, predicted, ClassificationMetrics.probabilities(logits[i])[predicted]));
            }
        }
        wrong.sort(Comparator.comparingDouble(Wrong::probability).reversed());
        return wrong.subList(0, Math.min(MISTAKES, wrong.size())).stream()
                .map(one -> new Mistake(
                        data.describe(held, one.index()),
                        data.labels().get(labels[one.index()]),
                        data.labels().get(one.predicted()),
                        one.probability(),
                        picture(one.index())))
                .toList();
    }

    private @Nullable String picture(int index) {
        byte[] png = data.picture(held, index);
        return png == null ? null : Base64.getEncoder().encodeToString(png);
    }
}
