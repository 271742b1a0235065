package dev.shoestring.generate;

import dev.shoestring.data.SplitMix;
import dev.shoestring.models.Decoder;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.LibTorch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Continues token sequences with a decoder: prompts of like length together, filled up at their beginnings, one token a step in each row.
 * Rows that have ended leave the batch when they are a quarter of it. What a row draws depends on the seed and its prompt, and for equal
 * prompts on how many stand before it, but on nothing else that is in the batch. Not safe for several threads at once.
 */
public final class Generator {
    private static final int ROWS_AT_ONCE = 16;
    /** Products in one step below which one thread is used. Seen to help at 260,000; where it ceases to was not measured. */
    private static final long FEWEST_FOR_THREADS = 4_000_000;

    private static final double NANOSECOND = 1e-9;

    private final Decoder decoder;
    private final DType cacheType;
    private final int pieces;
    private final Set<Integer> ends;
    private Pace pace = Pace.NONE;

    /**
     * Takes a model.
     *
     * @param cacheType element type of remembered keys and values
     * @param pieces how many pieces may be chosen, the first ones: those that the tokenizer knows
     * @param ends tokens that end a text
     */
    public Generator(Decoder decoder, DType cacheType, int pieces, Set<Integer> ends) {
        this.decoder = decoder;
        this.cacheType = cacheType;
        this.pieces = Math.min(pieces, decoder.config().vocabSize());
        this.ends = Set.copyOf(ends);
    }

    /** How fast it has been so far. */
    public Pace pace() {
        return pace;
    }

    /**
     * Continues prompts.
     *
     * @return the continuations, in the order of the prompts
     * @throws InputException if a prompt is empty, has tokens that the model does not know, or leaves no room in its context
     */
    public List<Continuation> generate(List<int[]> prompts, GenerationSettings settings, TokenListener listener) {
        for (int i = 0; i < prompts.size(); i++) {
            check(prompts.get(i), prompts.size() == 1 ? "the prompt" : "prompt " + (i + 1));
        }
        List<Row> rows = rows(prompts, settings.seed());
        List<Row> byLength = new ArrayList<>(rows);
        byLength.sort(Comparator.comparingInt(row -> -row.prompt().length));
        int threads = LibTorch.threads();
        try {
            if (decoder.config().parameters() * Math.min(rows.size(), ROWS_AT_ONCE) < FEWEST_FOR_THREADS) {
                LibTorch.useThreads(1);
            }
            for (int from = 0; from < byLength.size() && listener.goesOn(); from += ROWS_AT_ONCE) {
                run(byLength.subList(from, Math.min(byLength.size(), from + ROWS_AT_ONCE)), settings, listener);
            }
        } finally {
            LibTorch.useThreads(threads);
        }
        return rows.stream().map(Row::continuation).toList();
    }

    private static List<Row> rows(List<int[]> prompts, long seed) {
        Map<List<Integer>, Integer> before = new HashMap<>();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int[] prompt = prompts.get(i);
            int equals = before.merge(Arrays.stream(prompt).boxed().toList(), 1, Integer::sum);
            long content = 0;
            for (int id : prompt) {
                content = SplitMix.mix(content + id);
            }
            rows.add(new Row(i, prompt, SplitMix.of(seed, content, equals)));
        }
        return rows;
    }

    private void check(int[] prompt, String what) {
        int context = decoder.config().maxPositions();
        if (prompt.length == 0) {
            throw new InputException(
                    what + " is empty, and the model has no token that begins a text; write something");
        }
        if (prompt.length >= context) {
            throw new InputException(
                    what + " has " + prompt.length + " tokens, but the model was trained for " + context
                            + " (max_position_embeddings) in all, answer included; shorten it to " + (context - 1)
                            + " at most");
        }
        for (int id : prompt) {
            if (id < 0 || id >= decoder.config().vocabSize()) {
                throw new InputException(what + " has the token " + id + ", but the model knows the ids from 0 to "
                        + (decoder.config().vocabSize() - 1) + "; use the tokenizer that belongs to it");
            }
        }
    }

    private void run(List<Row> rows, GenerationSettings settings, TokenListener listener) {
        int longest = rows.get(0).prompt().length;
        int[] padding =
                rows.stream().mapToInt(row -> longest - row.prompt().length).toArray();
        int context = decoder.config().maxPositions();
        // A shorter row may use as many positions as the longest, behind its padding.
        int most =
                (int) Math.min((long) longest + settings.maxNewTokens(), (long) context + padding[padding.length - 1]);
        long start = System.nanoTime();
        try (ForwardPass pass = new ForwardPass(decoder, cacheType, padding, longest, most)) {
            float[] scores = prompts(pass, rows, padding, longest, listener);
            if (scores == null) {
                return;
            }
            long tokens = rows.stream().mapToLong(row -> row.prompt().length).sum();
            pace = pace.plus(new Pace(tokens, (System.nanoTime() - start) * NANOSECOND, 0, 0));
            steps(pass, rows, scores, settings, listener);
        }
    }

    /** Reads the prompts and gives the scores after them, or null if listening ended on the way. */
    private static float @Nullable [] prompts(
            ForwardPass pass, List<Row> rows, int[] padding, int longest, TokenListener listener) {
        while (listener.goesOn()) {
            int from = pass.length();
            int chunk = Math.min(pass.chunk(), longest - from);
            int[][] ids = new int[rows.size()][chunk];
            for (int row = 0; row < rows.size(); row++) {
                for (int i = Math.max(0, padding[row] - from); i < chunk; i++) {
                    ids[row][i] = rows.get(row).prompt()[from + i - padding[row]];
                }
            }
            if (from + chunk == longest) {
                return pass.lastScores(ids);
            }
            pass.read(ids);
        }
        return null;
    }

    private void steps(
            ForwardPass pass, List<Row> given, float[] first, GenerationSettings settings, TokenListener listener) {
        List<Row> rows = given;
        float[] scores = first;
        long start = System.nanoTime();
        long made = 0;
        choose(rows, scores, settings, listener);
        while (listener.goesOn() && rows.stream().anyMatch(Row::live)) {
            List<Row> all = rows;
            int[] live = IntStream.range(0, all.size())
                    .filter(i -> all.get(i).live())
                    .toArray();
            if (live.length * 4L <= all.size() * 3L) {
                pass.keepRows(live);
                rows = Arrays.stream(live).mapToObj(all::get).toList();
            }
            int[][] last = new int[rows.size()][];
            for (int i = 0; i < last.length; i++) {
                last[i] = new int[] {rows.get(i).last()};
            }
            scores = pass.lastScores(last);
            made += live.length;
            choose(rows, scores, settings, listener);
        }
        pace = pace.plus(new Pace(0, 0, made, (System.nanoTime() - start) * NANOSECOND));
    }

    private void choose(List<Row> rows, float[] scores, GenerationSettings settings, TokenListener listener) {
        int vocabulary = decoder.config().vocabSize();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (!row.live()) {
                continue;
            }
            int from = i * vocabulary;
            int id = row.next(Arrays.copyOfRange(scores, from, from + pieces), settings);
            boolean wanted = listener.accept(row.index(), id);
            if (ends.contains(id)) {
                row.end(EndReason.END);
            } else if (!wanted) {
                row.end(EndReason.STOP);
            } else if (row.made() == settings.maxNewTokens()) {
                row.end(EndReason.LENGTH);
            } else if (row.length() >= decoder.config().maxPositions()) {
                row.end(EndReason.CONTEXT);
            }
        }
    }

    /**
     * The natural logarithm of each token's probability after those before it; the first has none before it and is left out.
     *
     * @throws InputException as {@link #generate}
     */
    public double[] logProbabilities(int[] ids) {
        check(ids, "the text");
        int vocabulary = decoder.config().vocabSize();
        int most = Math.max(1, (1 << 24) / vocabulary);
        double[] found = new double[ids.length - 1];
        try (ForwardPass pass = new ForwardPass(decoder, cacheType, new int[1], ids.length, ids.length)) {
            for (int from = 0; from < found.length; from = pass.length()) {
                int to = Math.min(found.length, from + Math.min(most, pass.chunk()));
                float[] scores = pass.allScores(new int[][] {Arrays.copyOfRange(ids, from, to)});
                for (int i = from; i < to; i++) {
                    found[i] = logProbability(scores, (i - from) * vocabulary, vocabulary, ids[i + 1]);
                }
            }
        }
        return found;
    }

    private static double logProbability(float[] scores, int from, int count, int id) {
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + count; i++) {
            highest = Math.max(highest, scores[i]);
        }
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += Math.exp(scores[i] - highest);
        }
        return scores[from + id] - highest - Math.log(sum);
    }
}
