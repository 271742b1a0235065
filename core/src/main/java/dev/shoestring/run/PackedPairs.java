package dev.shoestring.run;

import dev.shoestring.data.LengthBuckets;
import dev.shoestring.recipe.PreferenceSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.LanguageReport.Figure;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.PairRows;
import dev.shoestring.train.Preference;
import dev.shoestring.train.PreferenceLoss;
import dev.shoestring.train.TokenLoss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Preference pairs as tokens, in steps of pairs of similar length. */
final class PackedPairs implements PackedText {
    /** Steps whose pairs are sorted together: few, so that a step is not always made of the same pairs. */
    static final int WINDOW = 8;

    private final Recipe recipe;
    private final EncodedPairs train;
    private final EncodedPairs validation;
    private final EncodedPairs test;
    private final List<String> notes;
    private final LengthBuckets buckets;
    private int epochNumber = -1;
    private List<int[]> epoch = List.of();

    PackedPairs(Recipe recipe, EncodedPairs train, EncodedPairs validation, EncodedPairs test, List<String> notes) {
        this.recipe = recipe;
        this.train = train;
        this.validation = validation;
        this.test = test;
        this.notes = notes;
        buckets = new LengthBuckets(train.lengths(), recipe.batch().global(), WINDOW, recipe.seed());
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public List<Figure> figures() {
        return List.of(
                new Figure("pairs to train on", String.format(Locale.ROOT, "%,d", train.size())),
                new Figure("pairs held out", String.format(Locale.ROOT, "%,d", validation.size() + test.size())));
    }

    @Override
    public LanguageWork<PairRows> work(DecoderPass pass, TokenLoss loss) {
        PreferenceSpec spec = recipe.language().preference();
        Preference objective =
                new Preference(pass, loss, new PreferenceLoss(spec.beta(), spec.labelSmoothing(), spec.sftWeight()));
        double operations = 0;
        for (EncodedPairs split : List.of(train, validation, test)) {
            operations += split.reference(objective);
        }
        return new LanguageWork<>(
                this::step,
                buckets.batchesPerEpoch(),
                objective,
                division -> Measurement.of(validation.measured(objective)),
                test.size() == 0 ? null : () -> Measurement.of(test.measured(objective)),
                operations);
    }

    private List<PairRows> step(long step) {
        int perEpoch = buckets.batchesPerEpoch();
        int wanted = Math.toIntExact(step / perEpoch);
        if (wanted != epochNumber) {
            epochNumber = wanted;
            epoch = buckets.epoch(wanted);
        }
        int[] pairs = epoch.get((int) (step % perEpoch));
        int micro = recipe.batch().micro();
        List<PairRows> micros = new ArrayList<>();
        for (int from = 0; from < pairs.length; from += micro) {
            micros.add(train.rows(
                    Arrays.copyOfRange(pairs, from, Math.min(pairs.length, from + micro)),
                    RandomState.mix(recipe.seed(), step, micros.size())));
        }
        return micros;
    }
}
