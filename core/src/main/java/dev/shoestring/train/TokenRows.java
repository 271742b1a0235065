package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of tokens of one length, each with one or several documents. A class and no record, for its arrays are compared nowhere.
 */
public final class TokenRows implements MicroBatch {
    /** The target of a token that has no loss. */
    public static final int NONE = -1;

    private final int[][] ids;
    private final int[][] targets;
    private final int[][] starts;
    private final int documents;
    private final double flops;
    private final double repeatedFlops;
    private final long noise;
    private final int losses;
    private final int padding;

    /**
     * Rows of tokens.
     *
     * @param ids token ids (rows, tokens)
     * @param targets for each token the id that it is to predict, or {@link #NONE}
     * @param starts for each row the places where documents begin, ascending, the first 0
     * @param documents documents in them, padding not counted
     * @param padding tokens that only fill rows up
     * @param flops floating-point operations of training on them
     * @param repeatedFlops floating-point operations of what is computed again in the backward pass
     * @param noise seed of what is random about them
     */
    public TokenRows(
            int[][] ids,
            int[][] targets,
            int[][] starts,
            int documents,
            int padding,
            double flops,
            double repeatedFlops,
            long noise) {
        this.ids = ids;
        this.targets = targets;
        this.starts = starts;
        this.documents = documents;
        this.padding = padding;
        this.flops = flops;
        this.repeatedFlops = repeatedFlops;
        this.noise = noise;
        losses = (int) Arrays.stream(targets)
                .flatMapToInt(Arrays::stream)
                .filter(target -> target != NONE)
                .count();
    }

    /** Rows of which nothing is computed again. */
    public TokenRows(
            int[][] ids, int[][] targets, int[][] starts, int documents, int padding, double flops, long noise) {
        this(ids, targets, starts, documents, padding, flops, 0, noise);
    }

    /** Number of rows. */
    public int rows() {
        return ids.length;
    }

    /** Tokens of a row. */
    public int length() {
        return ids[0].length;
    }

    /** Token ids, int64 (rows, tokens), made in the scope that is open. */
    public Tensor ids() {
        return flat(ids).view(ids.length, ids[0].length);
    }

    /** Places of the tokens that have a loss, in all rows one after the other. */
    public int[] places() {
        int[] places = new int[losses];
        int found = 0;
        for (int row = 0; row < targets.length; row++) {
            for (int at = 0; at < targets[row].length; at++) {
                if (targets[row][at] != NONE) {
                    places[found++] = row * targets[row].length + at;
                }
            }
        }
        return places;
    }

    /** The targets of these places. */
    public int[] targetsAt(int[] places) {
        int length = length();
        return Arrays.stream(places)
                .map(place -> targets[place / length][place % length])
                .toArray();
    }

    /** Tells a row from others by its tokens, their targets and where its documents begin: equal rows have equal numbers. */
    public long key(int row) {
        long key = ids[row].length;
        for (int[] part : new int[][] {ids[row], targets[row], starts[row]}) {
            for (int value : part) {
                // The finalizer of MurmurHash3 over what came before and the next value.
                key = (key ^ value) * 0xff51afd7ed558ccdL;
                key ^= key >>> 32;
            }
        }
        return key;
    }

    /** Tokens of a row that have a loss. */
    public int losses(int row) {
        return (int)
                Arrays.stream(targets[row]).filter(target -> target != NONE).count();
    }

    /** The same rows in batches of at most so many; operations are shared out evenly. */
    public List<TokenRows> split(int most) {
        List<TokenRows> parts = new ArrayList<>();
        for (int from = 0; from < ids.length; from += most) {
            int to = Math.min(ids.length, from + most);
            double share = (double) (to - from) / ids.length;
            int[][] begun = Arrays.copyOfRange(starts, from, to);
            parts.add(new TokenRows(
                    Arrays.copyOfRange(ids, from, to),
                    Arrays.copyOfRange(targets, from, to),
                    begun,
                    Arrays.stream(begun).mapToInt(one -> one.length).sum(),
                    0,
                    flops * share,
                    repeatedFlops * share,
                    noise));
        }
        return parts;
    }

    /** Rows of several batches as one; shorter ones are filled up with what has no loss and sees nothing of the row. */
    public static TokenRows together(List<TokenRows> parts) {
        int longest = parts.stream().mapToInt(TokenRows::length).max().orElseThrow();
        int rows = parts.stream().mapToInt(TokenRows::rows).sum();
        int[][] ids = new int[rows][];
        int[][] targets = new int[rows][];
        int[][] starts = new int[rows][];
        int at = 0;
        int padding = 0;
        for (TokenRows part : parts) {
            padding += part.padding + part.rows() * (longest - part.length());
            for (int row = 0; row < part.rows(); row++) {
                ids[at] = Arrays.copyOf(part.ids[row], longest);
                targets[at] = Arrays.copyOf(part.targets[row], longest);
                starts[at] = part.starts[row];
                if (part.length() < longest) {
                    Arrays.fill(targets[at], part.length(), longest, NONE);
                    starts[at] = Arrays.copyOf(starts[at], starts[at].length + 1);
                    starts[at][starts[at].length - 1] = part.length();
                }
                at++;
            }
        }
        return new TokenRows(
                ids,
                targets,
                starts,
                parts.stream().mapToInt(TokenRows::examples).sum(),
                padding,
                parts.stream().mapToDouble(TokenRows::flops).sum(),
                parts.stream().mapToDouble(TokenRows::repeatedFlops).sum(),
                parts.get(0).noise);
    }

    /** Where documents begin in each row. */
    public int[][] starts() {
        return starts;
    }

    /** Seed of what is random about them. */
    long noise() {
        return noise;
    }

    private static Tensor flat(int[][] rows) {
        return Tensor.of(
                Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray(), (long) rows.length * rows[0].length);
    }

    /** Tokens that have a loss. */
    @Override
    public long weight() {
        return losses;
    }

    @Override
    public int examples() {
        return documents;
    }

    @Override
    public long realTokens() {
        return (long) ids.length * ids[0].length - padding;
    }

    @Override
    public double flops() {
        return flops;
    }

    @Override
    public double repeatedFlops() {
        return repeatedFlops;
    }
}
