package dev.shoestring.run;

import dev.shoestring.report.LanguageReport.Figure;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.TokenRows;
import java.util.List;

/**
 * The tokens that a language model is trained on and measured by.
 *
 * @param batches training rows in steps
 * @param stepsPerEpoch steps in a pass over the training data
 * @param validation the validation split
 * @param test the test split
 * @param notes what became of the data, in sentences
 * @param figures what a report shows of it
 */
record LanguageData(
        StepBatches<TokenRows> batches,
        int stepsPerEpoch,
        LanguageSplit validation,
        LanguageSplit test,
        List<String> notes,
        List<Figure> figures) {
    /** Without figures for a report. */
    LanguageData(
            StepBatches<TokenRows> batches,
            int stepsPerEpoch,
            LanguageSplit validation,
            LanguageSplit test,
            List<String> notes) {
        this(batches, stepsPerEpoch, validation, test, notes, List.of());
    }
}
