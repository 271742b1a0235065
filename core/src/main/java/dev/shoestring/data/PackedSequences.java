package dev.shoestring.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows for pre-training, cut from the documents of a token file without padding. What is packed are pairs of a token and the one that
 * follows it in its document; if there is an end-of-document token, it follows the last. No pair goes from one document into the next,
 * so no target has to be ignored.
 *
 * <p>The rule. An epoch shuffles the documents, puts their pairs one after the other into a ring, begins at a random place of the ring,
 * cuts rows of T pairs, and shuffles the rows. Every pair is in exactly one row, but for the fewer than T pairs of the last, partial row,
 * which are dropped ({@link #dropped()}); another epoch drops others. {@link Order#AS_THEY_COME} shuffles nothing and keeps the partial
 * row as a shorter last one: each pair counts once in an evaluation.
 *
 * <p>A row depends on the seed, the epoch and its number alone. An epoch's order takes 12 bytes of heap a document and 4 a row. May be
 * read by several threads.
 */
public final class PackedSequences {
    private final TokenFile file;
    private final int rowLength;
    private final int endOfDocument;
    private final Order order;
    private final long seed;
    private final long pairs;
    private final int rows;
    private volatile @Nullable Epoch current;

    /** Order of an epoch's rows. */
    public enum Order {
        /** By seed and epoch, for training. */
        SHUFFLED,
        /** That of the file, for evaluation. */
        AS_THEY_COME
    }

    /**
     * Plans rows.
     *
     * @param rowLength T, tokens in a row
     * @param endOfDocument id of the token that ends each document; -1 for none
     * @param seed decides the order if it is shuffled
     */
    public PackedSequences(TokenFile file, int rowLength, int endOfDocument, Order order, long seed) {
        if (rowLength < 1) {
            throw new IllegalArgumentException("a row must have a token: " + rowLength);
        }
        if (endOfDocument < -1 || endOfDocument >= file.vocabularySize()) {
            throw new IllegalArgumentException("the end of a document must be -1 or one of the vocabulary's "
                    + file.vocabularySize() + " ids: " + endOfDocument);
        }
        this.file = file;
        this.rowLength = rowLength;
        this.endOfDocument = endOfDocument;
        this.order = order;
        this.seed = seed;
        long all = 0;
        for (int i = 0; i < file.documents(); i++) {
            all += pairsOf(i);
        }
        this.pairs = all;
        long count = order == Order.SHUFFLED ? all / rowLength : (all + rowLength - 1) / rowLength;
        if (count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(count + " rows are more than can be numbered; take longer rows");
        }
        this.rows = (int) count;
    }

    /** Rows in an epoch. */
    public int rows() {
        return rows;
    }

    /** Tokens in an epoch's rows: its length for {@link #read}. */
    public long tokens() {
        return order == Order.SHUFFLED ? (long) rows * rowLength : pairs;
    }

    /** Pairs that are in no row of an epoch: fewer than T, and none if nothing is shuffled. */
    public int dropped() {
        return (int) (pairs - tokens());
    }

    /** Row {@code row} of an epoch: T tokens, fewer only in the last if nothing is shuffled. */
    public PackedRow row(int epoch, int row) {
        if (row < 0 || row >= rows) {
            throw new IndexOutOfBoundsException("row " + row + " of " + rows);
        }
        long from = (long) row * rowLength;
        return read(epoch, from, (int) Math.min(rowLength, tokens() - from));
    }

    /**
     * Any stretch of an epoch's rows, laid end to end: for rows shorter than T while their length warms up. Stretches that do not overlap
     * share no pair.
     *
     * @param from first token, from 0
     * @param length number of tokens
     */
    public PackedRow read(int epoch, long from, int length) {
        if (from < 0 || length < 0 || from + length > tokens()) {
            throw new IndexOutOfBoundsException("tokens " + from + " to " + (from + length) + " of " + tokens());
        }
        Epoch plan = plan(epoch);
        int[] inputs = new int[length];
        int[] targets = new int[length];
        int[] starts = new int[16];
        int started = 0;
        int at = 0;
        while (at < length) {
            long place = plan.place(from + at);
            int document = plan.documentAt(place);
            long offset = place - plan.before[document];
            int run = (int) Math.min(length - at, rowLength - (from + at) % rowLength);
            run = (int) Math.min(run, plan.before[document + 1] - place);
            copy(plan.documents[document], offset, run, inputs, targets, at);
            if (started == starts.length) {
                starts = Arrays.copyOf(starts, 2 * started);
            }
            starts[started++] = at;
            at += run;
        }
        return new PackedRow(inputs, targets, Arrays.copyOf(starts, started));
    }

    private void copy(int document, long offset, int run, int[] inputs, int[] targets, int at) {
        long first = file.start(document) + offset;
        file.read(first, inputs, at, run);
        boolean ends = first + run == file.end(document);
        System.arraycopy(inputs, at + 1, targets, at, run - 1);
        if (ends) {
            targets[at + run - 1] = endOfDocument;
        } else {
            file.read(first + run, targets, at + run - 1, 1);
        }
    }

    private long pairsOf(int document) {
        long length = file.end(document) - file.start(document);
        return endOfDocument < 0 ? Math.max(0, length - 1) : length;
    }

    private Epoch plan(int epoch) {
        Epoch plan = current;
        if (plan == null || plan.number != epoch) {
            synchronized (this) {
                plan = current;
                if (plan == null || plan.number != epoch) {
                    plan = new Epoch(epoch);
                    current = plan;
                }
            }
        }
        return plan;
    }

    /** Where an epoch's rows lie. */
    private final class Epoch {
        private final int number;
        private final int[] documents;
        /** Pairs before each document in the epoch's order, and all pairs. */
        private final long[] before;

        private final long turn;
        private final int[] rowOrder;

        Epoch(int number) {
            this.number = number;
            documents = upTo(file.documents());
            boolean shuffled = order == Order.SHUFFLED;
            SplitMix random = SplitMix.of(seed, number);
            if (shuffled) {
                random.shuffle(documents);
            }
            before = new long[documents.length + 1];
            for (int i = 0; i < documents.length; i++) {
                before[i + 1] = before[i] + pairsOf(documents[i]);
            }
            turn = shuffled && pairs > 0 ? Long.remainderUnsigned(random.nextLong(), pairs) : 0;
            rowOrder = shuffled ? upTo(rows) : new int[0];
            random.shuffle(rowOrder);
        }

        /** Place among the documents' pairs of a token of the epoch. */
        long place(long token) {
            if (order == Order.AS_THEY_COME) {
                return token;
            }
            long row = rowOrder[(int) (token / rowLength)];
            return (row * rowLength + token % rowLength + turn) % pairs;
        }

        /** Which document, by its place in the epoch's order, has a pair. */
        int documentAt(long place) {
            int low = 0;
            int high = documents.length - 1;
            while (low < high) {
                int middle = (low + high + 1) >>> 1;
                if (before[middle] <= place) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return low;
        }

        private static int[] upTo(int count) {
            int[] numbers = new int[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = i;
            }
            return numbers;
        }
    }
}
