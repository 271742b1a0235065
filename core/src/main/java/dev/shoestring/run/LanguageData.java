package dev.shoestring.run;

import dev.shoestring.report.LanguageReport.Figure;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.Division;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.NextToken;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.TokenLoss;
import dev.shoestring.train.TokenRows;
import java.util.List;

/**
 * The rows whose next tokens a language model is trained on and measured by.
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
        List<Figure> figures)
        implements PackedText {
    @Override
    public LanguageWork<TokenRows> work(DecoderPass pass, TokenLoss loss) {
        NextToken objective = new NextToken(pass, loss);
        return new LanguageWork<>(
                batches,
                stepsPerEpoch,
                objective,
                division -> measured(validation, objective, division),
                test.rows().isEmpty() ? null : () -> measured(test, objective, Division.none()),
                0);
    }

    static Measurement measured(LanguageSplit split, NextToken objective, Division division) {
        double ownSum = 0;
        double ownTerms = 0;
        for (int i = 0; i < split.rows().size(); i++) {
            if (division.mine(i)) {
                TokenRows rows = split.rows().get(i);
                try (TensorScope scope = TensorScope.open()) {
                    ownSum += objective.lossSum(rows).item();
                    ownTerms += rows.weight();
                }
            }
        }
        double[] sums = division.sum(ownSum, ownTerms);
        double sum = sums[0];
        long terms = (long) sums[1];
        return new Measurement(
                null,
                null,
                sum / Math.max(1, terms),
                split.bytes() > 0 ? sum / Math.log(2) / split.bytes() : null,
                null,
                terms);
    }
}
