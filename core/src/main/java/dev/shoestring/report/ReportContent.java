package dev.shoestring.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a report shows.
 *
 * @param summary the run in figures
 * @param metrics the lines of its metrics log
 * @param confusion what the best model predicted on the test split, or on the validation split if there is none
 * @param mistakes examples the model gets wrong, the worst first
 * @param data what the data was made of
 * @param language what only a language model's report shows; null for other runs
 * @param recipe the resolved recipe, as YAML
 */
public record ReportContent(
        RunSummary summary,
        List<MetricsLine> metrics,
        @Nullable ConfusionMatrix confusion,
        List<Mistake> mistakes,
        @Nullable DataReport data,
        @Nullable LanguageReport language,
        String recipe) {
    /** Copies the lists. */
    public ReportContent {
        metrics = List.copyOf(metrics);
        mistakes = List.copyOf(mistakes);
    }

    /** Of a run that trains no language model. */
    public ReportContent(
            RunSummary summary,
            List<MetricsLine> metrics,
            @Nullable ConfusionMatrix confusion,
            List<Mistake> mistakes,
            @Nullable DataReport data,
            String recipe) {
        this(summary, metrics, confusion, mistakes, data, null, recipe);
    }
}
