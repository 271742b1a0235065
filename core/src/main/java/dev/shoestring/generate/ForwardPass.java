package dev.shoestring.generate;

import dev.shoestring.models.AttentionContext;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.KeyValueCache;
import dev.shoestring.models.Visibility;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;

/**
 * Rows of tokens through a decoder and its cache without gradients. What a block needs on its way is freed with it, and long pieces go
 * through in shorter ones, so that memory does not grow with the length of a prompt.
 */
final class ForwardPass implements AutoCloseable {
    // B rows, T tokens, D model width, V pieces
    private static final int LONGEST_CHUNK = 512;
    private static final int SHORTEST_CHUNK = 16;
    private static final long MOST_ATTENTION_SCORES = 1L << 24;
    private static final int SPARE_ROOM = 256;

    private final Decoder decoder;
    private final int longest;
    private KeyValueCache cache;
    private int[] padding;

    /**
     * A pass at its beginning.
     *
     * @param padding for each row, how many places at its beginning hold nothing
     * @param prompt tokens of the first passes together
     * @param longest tokens that there may be in all
     */
    ForwardPass(Decoder decoder, DType cacheType, int[] padding, int prompt, int longest) {
        this.decoder = decoder;
        this.longest = longest;
        this.padding = padding.clone();
        cache = new KeyValueCache(decoder.config(), padding.length, room(prompt), cacheType);
    }

    private int room(int tokens) {
        return Math.min(longest, tokens + Math.max(SPARE_ROOM, tokens / 2));
    }

    /** Tokens that went through. */
    int length() {
        return cache.length();
    }

    /** How many tokens may go through at once. */
    int chunk() {
        DecoderConfig config = decoder.config();
        long seen = cache.length() + (long) LONGEST_CHUNK;
        long perToken = (long) padding.length * config.numHeads() * seen;
        return (int) Math.max(SHORTEST_CHUNK, Math.min(LONGEST_CHUNK, MOST_ATTENTION_SCORES / perToken));
    }

    /** The scores after the last of some tokens, (rows, pieces), row by row. */
    float[] lastScores(int[][] ids) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor x_BTD = through(ids);
            Tensor last_BTD = x_BTD.narrow(1, ids[0].length - 1L, 1);
            return decoder.scores(decoder.finish(last_BTD)).toFloats();
        }
    }

    /** The scores after each of some tokens, (rows, tokens, pieces). */
    float[] allScores(int[][] ids) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            return decoder.scores(decoder.finish(through(ids))).toFloats();
        }
    }

    /** Tokens that only those after them ask for. */
    void read(int[][] ids) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            through(ids);
        }
    }

    private Tensor through(int[][] ids) {
        int tokens = ids[0].length;
        if (cache.length() + tokens > cache.capacity()) {
            replace(all(padding.length), room(cache.length() + tokens));
        }
        long[] flat = new long[ids.length * tokens];
        for (int row = 0; row < ids.length; row++) {
            for (int i = 0; i < tokens; i++) {
                flat[row * tokens + i] = ids[row][i];
            }
        }
        AttentionContext context = Visibility.next(decoder, cache, padding, tokens);
        Tensor x_BTD = decoder.embed(Tensor.of(flat, ids.length, tokens));
        for (Decoder.Block block : decoder.blocks()) {
            Tensor in_BTD = x_BTD;
            x_BTD = TensorScope.keep(() -> block.forward(in_BTD, context));
            in_BTD.close();
        }
        cache.advance(tokens);
        return x_BTD;
    }

    /** Goes on with some of the rows, in that order. */
    void keepRows(int[] rows) {
        replace(rows, cache.capacity());
        int[] kept = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            kept[i] = padding[rows[i]];
        }
        padding = kept;
    }

    private void replace(int[] rows, int capacity) {
        KeyValueCache old = cache;
        cache = old.select(rows, capacity);
        old.close();
    }

    private static int[] all(int rows) {
        return java.util.stream.IntStream.range(0, rows).toArray();
    }

    @Override
    public void close() {
        cache.close();
    }
}
