package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.tensor.GradientNorm;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TextBatch;
import dev.shoestring.train.TextClassification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One fine-tuning step of a MiniLM-sized encoder (6 layers, width 384) at the lengths of short sentences, in bf16 and in fp32
 * alternately, so that the ratio holds when the machine's speed drifts. Prints one JSON line: median milliseconds of a step, real
 * tokens a second, and the ratio.
 *
 * <p>Usage: {@code EncoderStepBenchmark [steps of each precision, default 40]}
 */
public final class EncoderStepBenchmark {
    private static final int LABELS = 25;
    private static final int BATCH = 32;

    private EncoderStepBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) throws IOException {
        int steps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 40;
        LibTorch.load();
        BertConfig config = new BertConfig(30_522, 384, 6, 12, 1536, 512, 2, 1e-12);
        Dropout dropout = new Dropout(0.1, 1);
        ParameterStore store = ParameterStore.fresh(1);
        Bert model = new Bert(config, LABELS, store, dropout);
        model.wordEmbeddings().requiresGrad(false);
        AdamW optimizer = new AdamW(List.of(new ParameterGroup(store.trainable(), 1e-4, 0.01)), 0.9, 0.999, 1e-8);
        TextClassification objective = new TextClassification(model, 0);

        List<TokenBatch> batches = batches(new Random(1), config.vocabSize());
        Map<Arithmetic, List<Double>> milliseconds = new EnumMap<>(Arithmetic.class);
        Map<Arithmetic, Long> tokens = new EnumMap<>(Arithmetic.class);
        int warmup = 6;
        for (int i = 0; i < warmup + steps; i++) {
            TokenBatch batch = batches.get(i % batches.size());
            for (Arithmetic arithmetic : Arithmetic.values()) {
                long start = System.nanoTime();
                dropout.startStep(i);
                try (TensorScope scope = TensorScope.open()) {
                    Tensor loss = arithmetic.run(() -> objective.lossSum(new TextBatch(batch, 0)));
                    loss.mul(1.0 / BATCH).backward();
                    loss.item();
                }
                GradientNorm.clip(optimizer.parameters(), 1);
                optimizer.step(1);
                optimizer.clearGradients();
                if (i >= warmup) {
                    milliseconds
                            .computeIfAbsent(arithmetic, key -> new ArrayList<>())
                            .add((System.nanoTime() - start) * 1e-6);
                    tokens.merge(arithmetic, batch.realTokens(), Long::sum);
                }
            }
        }
        ObjectNode result = new ObjectMapper().createObjectNode();
        result.put("benchmark", "encoder_step").put("libtorch", LibTorch.version());
        result.put("threads", LibTorch.threads()).put("batch", BATCH).put("steps", steps);
        Map<Arithmetic, Double> medians = new EnumMap<>(Arithmetic.class);
        milliseconds.forEach((arithmetic, times) -> {
            double total = times.stream().mapToDouble(Double::doubleValue).sum();
            double median = times.stream()
                    .sorted(Comparator.naturalOrder())
                    .skip(times.size() / 2)
                    .findFirst()
                    .orElseThrow();
            medians.put(arithmetic, median);
            ObjectNode node = result.putObject(arithmetic.name().toLowerCase(java.util.Locale.ROOT));
            node.put("median_ms", Math.round(median * 10) / 10.0);
            node.put("real_tokens_per_s", Math.round(tokens.getOrDefault(arithmetic, 0L) / total * 1e3));
        });
        double ratio = medians.getOrDefault(Arithmetic.FP32, 0.0) / medians.getOrDefault(Arithmetic.BF16, 1.0);
        result.put("fp32_over_bf16", Math.round(ratio * 100) / 100.0);
        result.put("peak_mib", peakMebibytes());
        System.out.println(result);
    }

    /** Batches of sentences with log-normal lengths (median 14 tokens), sorted by length within groups of 20 batches. */
    private static List<TokenBatch> batches(Random random, int vocabulary) {
        List<Encoded> sentences = new ArrayList<>();
        for (int i = 0; i < BATCH * 20; i++) {
            int length = (int) Math.max(4, Math.min(64, Math.round(Math.exp(random.nextGaussian() * 0.45 + 2.75))));
            int[] ids = random.ints(length, 0, vocabulary).toArray();
            sentences.add(new Encoded(ids, random.nextInt(LABELS)));
        }
        sentences.sort(Comparator.comparingInt(sentence -> sentence.ids().length));
        List<TokenBatch> batches = new ArrayList<>();
        for (int from = 0; from < sentences.size(); from += BATCH) {
            batches.add(TokenBatch.of(sentences.subList(from, from + BATCH), 0));
        }
        java.util.Collections.shuffle(batches, random);
        return batches;
    }

    private static long peakMebibytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return -1;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .mapToLong(line -> Long.parseLong(Arrays.stream(line.split("\\s+"))
                                .skip(1)
                                .findFirst()
                                .orElseThrow())
                        / 1024)
                .findFirst()
                .orElse(-1);
    }
}
