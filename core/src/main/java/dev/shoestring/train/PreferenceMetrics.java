package dev.shoestring.train;

import java.util.Collection;

/**
 * How well a model prefers better answers.
 *
 * @param loss mean loss of a pair
 * @param accuracy share of pairs with a margin above 0, as TRL counts; one of exactly 0, as all have before training, is not right
 * @param rewardMargin mean margin
 * @param pairs how many
 */
public record PreferenceMetrics(double loss, double accuracy, double rewardMargin, int pairs) {
    /** Those of some pairs, at least one. */
    public static PreferenceMetrics of(Collection<PreferenceLoss.Result> results) {
        double loss = 0;
        double right = 0;
        double margin = 0;
        for (PreferenceLoss.Result result : results) {
            loss += result.value();
            right += result.margin() > 0 ? 1 : 0;
            margin += result.margin();
        }
        int pairs = results.size();
        return new PreferenceMetrics(loss / pairs, right / pairs, margin / pairs, pairs);
    }
}
