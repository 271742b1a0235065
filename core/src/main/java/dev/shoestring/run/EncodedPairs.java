package dev.shoestring.run;

import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.PairRows;
import dev.shoestring.train.Preference;
import dev.shoestring.train.PreferenceLoss;
import dev.shoestring.train.PreferenceMetrics;
import dev.shoestring.train.TokenRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Preference pairs of one split as tokens, with what the model before training gave their answers once that is known. */
final class EncodedPairs {
    private final List<EncodedPair> pairs;
    private final RowAssembly assembly;
    /** Pairs of about one length together; always the same, so that a model is measured as its reference was, to the bit. */
    private final List<int[]> byLength;

    private final PreferenceLoss.Answers[] before;

    EncodedPairs(List<EncodedPair> pairs, int together, RowAssembly assembly) {
        this.pairs = pairs;
        this.assembly = assembly;
        before = new PreferenceLoss.Answers[pairs.size()];
        int[] order = IntStream.range(0, pairs.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> pairs.get(i).length()))
                .mapToInt(Integer::intValue)
                .toArray();
        byLength = new ArrayList<>();
        for (int from = 0; from < order.length; from += together) {
            byLength.add(Arrays.copyOfRange(order, from, Math.min(order.length, from + together)));
        }
    }

    int size() {
        return pairs.size();
    }

    /** Tokens of the longer answer of each pair, with its prompt. */
    int[] lengths() {
        return pairs.stream().mapToInt(EncodedPair::length).toArray();
    }

    /** Computes what the model as it is gives all answers, and gives the floating-point operations of that. */
    double reference(Preference objective) {
        double operations = 0;
        for (int[] which : byLength) {
            TokenRows tokens = tokens(which, 0);
            try (TensorScope scope = TensorScope.open()) {
                List<PreferenceLoss.Answers> answers = objective.logProbabilities(tokens);
                for (int i = 0; i < which.length; i++) {
                    before[which[i]] = answers.get(i);
                }
            }
            operations += assembly.flops().forward(lengths(tokens), tokens.weight());
        }
        return operations;
    }

    PreferenceMetrics measured(Preference objective) {
        List<PreferenceLoss.Result> results = new ArrayList<>();
        for (int[] which : byLength) {
            try (TensorScope scope = TensorScope.open()) {
                results.addAll(objective.measure(rows(which, 0)));
            }
        }
        return PreferenceMetrics.of(results);
    }

    /** Some pairs as a micro-batch; {@link #reference} comes first. */
    PairRows rows(int[] which, long noise) {
        return new PairRows(
                tokens(which, noise),
                Arrays.stream(which).mapToObj(pair -> before[pair]).toList());
    }

    private TokenRows tokens(int[] which, long noise) {
        int longest =
                Arrays.stream(which).map(pair -> pairs.get(pair).length()).max().orElse(1);
        int[][] ids = new int[2 * which.length][longest];
        int[][] targets = new int[2 * which.length][longest];
        int[][] starts = new int[2 * which.length][];
        int real = 0;
        int losses = 0;
        for (int i = 0; i < ids.length; i++) {
            EncodedPair pair = pairs.get(which[i / 2]);
            EncodedPair.Row row = i % 2 == 0 ? pair.chosen() : pair.rejected();
            int[] tokens = row.ids();
            System.arraycopy(tokens, 0, ids[i], 0, tokens.length);
            Arrays.fill(targets[i], TokenRows.NONE);
            System.arraycopy(tokens, row.answer(), targets[i], row.answer() - 1, row.losses());
            // What fills a row up comes last, and no token sees later ones.
            starts[i] = new int[] {0};
            real += tokens.length;
            losses += row.losses();
        }
        int[] lengths = new int[ids.length];
        Arrays.fill(lengths, longest);
        // Answers are scored once to weigh them and once to learn from them.
        DecoderFlops flops = assembly.flops();
        double operations = flops.training(lengths, losses, assembly.trained()) + flops.forward(new int[0], losses);
        double repeated = assembly.again() ? flops.forward(lengths, 0) : 0;
        return new TokenRows(
                ids, targets, starts, which.length, ids.length * longest - real, operations, repeated, noise);
    }

    private static int[] lengths(TokenRows rows) {
        int[] lengths = new int[rows.rows()];
        Arrays.fill(lengths, rows.length());
        return lengths;
    }
}
