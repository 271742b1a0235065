package dev.shoestring.train;

import dev.shoestring.data.Encoded;
import dev.shoestring.data.LengthBuckets;
import dev.shoestring.data.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;

/** Steps over an epoch's texts in batches of similar length; each step's batch is cut into micro-batches. */
public final class TextBatches implements StepBatches<TextBatch> {
    private final IntFunction<List<Encoded>> epochTexts;
    private final int examples;
    private final int globalBatch;
    private final int microBatch;
    private final int paddingId;
    private final long seed;
    private final int window;
    private final ToDoubleFunction<TokenBatch> flops;
    private int epoch = -1;
    private List<Encoded> texts = List.of();
    private List<int[]> plan = List.of();

    /**
     * Batches of {@code globalBatch} in parts of {@code microBatch}.
     *
     * @param epochTexts the texts of an epoch, augmented; the same number in every epoch
     * @param examples their number
     * @param window batches whose texts are sorted by length together: {@link LengthBuckets#DEFAULT_WINDOW}, or 1 for random batches
     * @param flops floating-point operations of training on a batch
     */
    public TextBatches(
            IntFunction<List<Encoded>> epochTexts,
            int examples,
            int globalBatch,
            int microBatch,
            int window,
            int paddingId,
            long seed,
            ToDoubleFunction<TokenBatch> flops) {
        this.epochTexts = epochTexts;
        this.examples = examples;
        this.globalBatch = globalBatch;
        this.microBatch = microBatch;
        this.window = window;
        this.paddingId = paddingId;
        this.seed = seed;
        this.flops = flops;
    }

    /** Steps in an epoch; the last batch may be smaller. */
    public int stepsPerEpoch() {
        return stepsPerEpoch(examples, globalBatch);
    }

    /** Steps of an epoch: the last may be smaller. */
    public static int stepsPerEpoch(int examples, int global) {
        return (examples + global - 1) / global;
    }

    @Override
    public List<TextBatch> step(long step) {
        int wanted = Math.toIntExact(step / stepsPerEpoch());
        if (wanted != epoch) {
            epoch = wanted;
            texts = epochTexts.apply(epoch);
            int[] lengths = texts.stream().mapToInt(text -> text.ids().length).toArray();
            plan = new LengthBuckets(lengths, globalBatch, window, seed).epoch(epoch);
        }
        int[] indices = plan.get(Math.toIntExact(step % stepsPerEpoch()));
        List<TextBatch> micros = new ArrayList<>();
        for (int from = 0; from < indices.length; from += microBatch) {
            int[] part = Arrays.copyOfRange(indices, from, Math.min(indices.length, from + microBatch));
            TokenBatch batch =
                    TokenBatch.of(Arrays.stream(part).mapToObj(texts::get).toList(), paddingId);
            micros.add(new TextBatch(batch, flops.applyAsDouble(batch)));
        }
        return micros;
    }
}
