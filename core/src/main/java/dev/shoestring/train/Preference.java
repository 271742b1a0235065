package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Direct preference optimization without a second model and without all scores: the reference's log-probabilities are known before
 * training, and the forward pass's output is scored twice, some tokens at a time. The first time gives each answer's log-probability,
 * and with it the derivative of the loss; the second time is an ordinary cross-entropy with that derivative as the weight of the
 * answer's tokens. The gradient is exact.
 *
 * @param pass forward and backward pass of the decoder
 * @param loss cross-entropy from its output, without z-loss
 * @param preference the loss of a pair
 */
public record Preference(DecoderPass pass, TokenLoss loss, PreferenceLoss preference) implements Objective<PairRows> {
    @Override
    public double backward(PairRows rows, double weight, Arithmetic arithmetic) {
        TokenRows tokens = rows.tokens();
        int[] places = tokens.places();
        int[] targets = tokens.targetsAt(places);
        return pass.backward(tokens, output -> {
            List<PreferenceLoss.Answers> now = answers(tokens, places, loss.measure(output, places, targets));
            double total = 0;
            double[] slopes = new double[tokens.rows()];
            for (int pair = 0; pair < now.size(); pair++) {
                PreferenceLoss.Result result =
                        preference.of(now.get(pair), rows.before().get(pair), tokens.losses(2 * pair));
                total += result.value();
                slopes[2 * pair] = result.slopes().chosen();
                slopes[2 * pair + 1] = result.slopes().rejected();
            }
            float[] weights = new float[places.length];
            for (int i = 0; i < places.length; i++) {
                // A log-probability is a cross-entropy less than nothing.
                weights[i] = (float) -slopes[places[i] / tokens.length()];
            }
            TokenLoss.Result weighted = loss.backward(output, places, targets, weights, 1 / weight);
            return new TokenLoss.Result(total / weight, weighted.gradient());
        });
    }

    /** Log-probabilities of the answers in rows laid out as those of {@link PairRows}, without gradients. */
    public List<PreferenceLoss.Answers> logProbabilities(TokenRows tokens) {
        int[] places = tokens.places();
        return answers(tokens, places, loss.measure(pass.output(tokens), places, tokens.targetsAt(places)));
    }

    /** The loss of each pair, without gradients. */
    public List<PreferenceLoss.Result> measure(PairRows rows) {
        List<PreferenceLoss.Answers> now = logProbabilities(rows.tokens());
        List<PreferenceLoss.Result> results = new ArrayList<>();
        for (int pair = 0; pair < now.size(); pair++) {
            results.add(preference.of(
                    now.get(pair), rows.before().get(pair), rows.tokens().losses(2 * pair)));
        }
        return results;
    }

    @Override
    public Tensor lossSum(PairRows rows) {
        return Tensor.full(
                measure(rows).stream().mapToDouble(PreferenceLoss.Result::value).sum(), 1);
    }

    private static List<PreferenceLoss.Answers> answers(TokenRows tokens, int[] places, float[] losses) {
        double[] sums = new double[tokens.rows()];
        for (int i = 0; i < places.length; i++) {
            sums[places[i] / tokens.length()] -= losses[i];
        }
        List<PreferenceLoss.Answers> answers = new ArrayList<>();
        for (int row = 0; row < sums.length; row += 2) {
            answers.add(new PreferenceLoss.Answers(sums[row], sums[row + 1]));
        }
        return answers;
    }
}
