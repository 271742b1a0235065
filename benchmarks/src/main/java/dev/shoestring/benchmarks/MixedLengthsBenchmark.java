package dev.shoestring.benchmarks;

import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TextBatch;
import dev.shoestring.train.TextClassification;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Fine-tuning steps of a MiniLM-sized encoder (6 layers, width 384) on sentences of mixed lengths (log-normal, median 21, longest 128
 * tokens), as Shoestring trains: batches of similar length, word embeddings frozen unless {@code --embeddings trained}. Prints one JSON
 * line; tokens a second count real tokens, never padding, over all steps.
 *
 * <p>Usage: {@code MixedLengthsBenchmark [--precision bf16 --batch 32 --steps 40 --embeddings frozen]}
 */
public final class MixedLengthsBenchmark {
    private static final int LABELS = 26;
    private static final int BUCKETED = 20;
    private static final int WARMUP = 6;

    private MixedLengthsBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        Options options = new Options(arguments, Set.of("precision", "batch", "steps", "embeddings"));
        Arithmetic arithmetic = Line.arithmetic(options.text("precision", "bf16"));
        int size = options.number("batch", 32);
        int steps = options.number("steps", 2 * BUCKETED);
        String embeddings = options.text("embeddings", "frozen");
        LibTorch.load();
        BertConfig config = new BertConfig(30_522, 384, 6, 12, 1536, 512, 2, 1e-12);
        List<TokenBatch> batches = batches(new Random(1), size, config.vocabSize());
        try (ParameterStore store = ParameterStore.fresh(1)) {
            Bert model = new Bert(config, LABELS, store, new Dropout(0, 1));
            model.wordEmbeddings().requiresGrad(embeddings.equals("trained"));
            TextClassification objective = new TextClassification(model, 0);
            Timing timing;
            double[] last = new double[1];
            try (AdamW optimizer =
                    new AdamW(List.of(new ParameterGroup(store.trainable(), 2e-5, 0.01)), 0.9, 0.999, 1e-8)) {
                timing = Timing.of(WARMUP, steps, step -> {
                    TokenBatch batch = batches.get(Math.floorMod(step - WARMUP, batches.size()));
                    try (TensorScope scope = TensorScope.open()) {
                        Tensor loss = arithmetic
                                .run(() -> objective.lossSum(new TextBatch(batch, 0)))
                                .mul(1.0 / size);
                        loss.backward();
                        last[0] = loss.item();
                    }
                    optimizer.step(1);
                    optimizer.clearGradients();
                });
            }
            long tokens = 0;
            for (int step = 0; step < steps; step++) {
                tokens += batches.get(step % batches.size()).realTokens();
            }
            new Line("encoder_step", "bucketed, embeddings " + embeddings, arithmetic)
                    .put("params", store.count())
                    .timing(timing)
                    .put("real_tokens_per_s", tokens / timing.total() * 1e3)
                    .put("sentences_per_s", (double) size * steps / timing.total() * 1e3)
                    .put("loss", last[0])
                    .print();
        }
    }

    private static List<TokenBatch> batches(Random random, int size, int vocabulary) {
        List<Encoded> sentences = new ArrayList<>();
        for (int i = 0; i < size * BUCKETED; i++) {
            int length = (int) Math.max(4, Math.min(128, Math.round(Math.exp(random.nextGaussian() * 0.6 + 3.05))));
            sentences.add(new Encoded(random.ints(length, 0, vocabulary).toArray(), random.nextInt(LABELS)));
        }
        sentences.sort(Comparator.comparingInt(sentence -> sentence.ids().length));
        List<TokenBatch> batches = new ArrayList<>();
        for (int from = 0; from < sentences.size(); from += size) {
            batches.add(TokenBatch.of(sentences.subList(from, from + size), 0));
        }
        Collections.shuffle(batches, random);
        return batches;
    }
}
