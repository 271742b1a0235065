package dev.shoestring.benchmarks.micro;

import dev.shoestring.augment.TokenDropout;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Packing;
import dev.shoestring.data.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Sentences on their way into batches: collated, augmented, packed. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Collation {
    private static final int SENTENCES = 32;
    private static final int DOCUMENTS = 10_000;

    private final List<Encoded> sentences = new ArrayList<>();
    private final int[] lengths;
    private final TokenDropout dropout = new TokenDropout(0.15, 103);
    private final SplittableRandom random = new SplittableRandom(1);

    /** Draws the sentences. */
    public Collation() {
        for (int i = 0; i < SENTENCES; i++) {
            sentences.add(
                    new Encoded(random.ints(random.nextInt(4, 64), 0, 30_000).toArray(), 0));
        }
        lengths = random.ints(DOCUMENTS, 8, 512).toArray();
    }

    /** A batch of 32 sentences. */
    @Benchmark
    public TokenBatch batch() {
        return TokenBatch.of(sentences, 0);
    }

    /** The plan of one augmentation for 32 sentences. */
    @Benchmark
    public int augmentationPlan() {
        int changed = 0;
        for (Encoded sentence : sentences) {
            changed += dropout.apply(sentence.ids(), 0, random).length;
        }
        return changed;
    }

    /** 10,000 documents into rows of 512 tokens. */
    @Benchmark
    public Packing packing() {
        return Packing.bestFit(lengths, 512, Packing.Longer.TRUNCATED, 1);
    }
}
