package dev.shoestring.run;

import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.PeakMemory;
import dev.shoestring.cost.Processor;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.GradientNorm;
import dev.shoestring.tensor.HardwareBf16;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.FeatureBatch;
import dev.shoestring.train.HeadClassification;
import dev.shoestring.train.TextBatch;
import dev.shoestring.train.TextClassification;
import dev.shoestring.train.TextScorer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Measures what this machine can do, in under 20 seconds. */
final class MachineProbe {
    private static final int SIDE = 2048;
    private static final int COPY_FLOATS = 64 << 20;
    private static final int DISK_BYTES = 128 << 20;
    private static final int LABELS = 25;
    private static final int SENTENCES = 32;
    private static final int BATCHES = 10;
    private static final int STEPS = 12;
    private static final int WARMUP = 4;
    private static final int PASSES = 2;
    private static final double SECONDS_FOR_A_RATE = 0.4;

    private final RunListener listener;

    MachineProbe(RunListener listener) {
        this.listener = listener;
    }

    MachineProfile measure() {
        LibTorch.load();
        double start = (System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime())
                * 1e-3;
        double resident = PeakMemory.hostBytes();
        Map<String, Double> products = new LinkedHashMap<>();
        Map<String, Double> convolutions = new LinkedHashMap<>();
        Map<String, Double> steps = new LinkedHashMap<>();
        Map<String, Double> forwards = new LinkedHashMap<>();
        List<Arithmetic> arithmetics =
                HardwareBf16.available() ? List.of(Arithmetic.FP32, Arithmetic.BF16) : List.of(Arithmetic.FP32);
        for (Arithmetic arithmetic : arithmetics) {
            String precision = arithmetic.name().toLowerCase(Locale.ROOT);
            DType type = arithmetic == Arithmetic.BF16 ? DType.BFLOAT16 : DType.FLOAT32;
            listener.message("measuring the matrix product in " + precision);
            products.put(precision, product(type));
            listener.message("measuring a convolution in " + precision);
            convolutions.put(precision, convolution(type));
            listener.message("measuring training steps of a small encoder in " + precision);
            encoder(arithmetic, precision, steps, forwards);
        }
        listener.message("measuring memory and disk");
        return new MachineProfile(
                Processor.id(),
                Runtime.getRuntime().availableProcessors(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                products,
                convolutions,
                copy(),
                disk(),
                start,
                steps,
                forwards,
                headStep(),
                resident);
    }

    private static double product(DType type) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor a = random(SIDE, SIDE).to(type);
            Tensor b = random(SIDE, SIDE).to(type);
            return 2.0 * SIDE * SIDE * SIDE / fastest(() -> a.matmul(b));
        }
    }

    private static double convolution(DType type) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            long batch = 64;
            long channels = 64;
            long side = 28;
            Tensor images = random(batch, channels, side, side).to(type);
            Tensor weight = random(channels, channels, 3, 3).to(type);
            double flops = 2.0 * batch * side * side * channels * channels * 9;
            return flops / fastest(() -> images.conv2d(weight, 1, 1));
        }
    }

    private static double copy() {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor from = Tensor.full(1, COPY_FLOATS);
            Tensor to = Tensor.zeros(DType.FLOAT32, COPY_FLOATS);
            return 2.0 * Float.BYTES * COPY_FLOATS / fastest(() -> to.copyFrom(from));
        }
    }

    private static Tensor random(long... shape) {
        return Tensor.zeros(DType.FLOAT32, shape).fillNormal(0, 1);
    }

    /** Seconds of the fastest of repeated runs. */
    private static double fastest(Runnable work) {
        double best = Double.MAX_VALUE;
        long begin = System.nanoTime();
        for (int i = 0; i < 3 || (System.nanoTime() - begin) * 1e-9 < SECONDS_FOR_A_RATE; i++) {
            long start = System.nanoTime();
            try (TensorScope scope = TensorScope.open()) {
                work.run();
            }
            best = Math.min(best, (System.nanoTime() - start) * 1e-9);
        }
        return best;
    }

    private static double disk() {
        Path file = null;
        try {
            file = Files.createTempFile(Path.of("").toAbsolutePath(), ".shoestring-doctor", ".tmp");
            ByteBuffer block = ByteBuffer.allocateDirect(8 << 20);
            long start = System.nanoTime();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                for (int written = 0; written < DISK_BYTES; written += block.capacity()) {
                    block.clear();
                    while (block.hasRemaining()) {
                        channel.write(block);
                    }
                }
                channel.force(true);
            }
            return DISK_BYTES / ((System.nanoTime() - start) * 1e-9);
        } catch (IOException failed) {
            throw new InputException(
                    "doctor: cannot write to this folder (" + failed + "); run it where runs are kept", failed);
        } finally {
            deleteQuietly(file);
        }
    }

    private static void deleteQuietly(@org.jspecify.annotations.Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException left) {
                file.toFile().deleteOnExit();
            }
        }
    }

    private static void encoder(
            Arithmetic arithmetic, String precision, Map<String, Double> steps, Map<String, Double> forwards) {
        BertConfig config = new BertConfig(30_522, 384, 6, 12, 1536, 512, 2, 1e-12);
        Dropout dropout = new Dropout(0, 1);
        try (ParameterStore store = ParameterStore.fresh(1)) {
            Bert model = new Bert(config, LABELS, store, dropout);
            model.wordEmbeddings().requiresGrad(false);
            EncoderFlops flops = new EncoderFlops(TextJobs.shape(config, LABELS));
            List<List<Encoded>> batches = batches(config.vocabSize());
            TextClassification objective = new TextClassification(model, 0);
            double[] seconds = new double[STEPS];
            double[] work = new double[STEPS];
            try (AdamW optimizer =
                    new AdamW(List.of(new ParameterGroup(store.trainable(), 1e-4, 0.01)), 0.9, 0.999, 1e-8)) {
                for (int step = -WARMUP; step < STEPS; step++) {
                    TokenBatch batch = TokenBatch.of(batches.get(Math.floorMod(step, BATCHES)), 0);
                    long start = System.nanoTime();
                    try (TensorScope scope = TensorScope.open()) {
                        Tensor loss = arithmetic.run(() -> objective.lossSum(new TextBatch(batch, 0)));
                        loss.mul(1.0 / SENTENCES).backward();
                        loss.item();
                    }
                    GradientNorm.clip(optimizer.parameters(), 1);
                    optimizer.step(1);
                    optimizer.clearGradients();
                    if (step >= 0) {
                        seconds[step] = (System.nanoTime() - start) * 1e-9;
                        work[step] = flops.training(batch.lengths(), EncoderFlops.Trained.ALL);
                    }
                }
            }
            steps.put(
                    precision,
                    Arrays.stream(work).sum() / Arrays.stream(seconds).sum());
            List<Encoded> texts = batches.stream().flatMap(List::stream).toList();
            TextScorer scorer = new TextScorer(model, arithmetic, 0);
            scorer.logits(texts);
            long start = System.nanoTime();
            for (int pass = 0; pass < PASSES; pass++) {
                scorer.logits(texts);
            }
            int[] lengths = texts.stream().mapToInt(text -> text.ids().length).toArray();
            forwards.put(precision, PASSES * flops.forward(lengths) / ((System.nanoTime() - start) * 1e-9));
        }
    }

    /** Sentences with log-normal lengths, median 14 tokens, in batches of similar length: WordNet's definitions are like that. */
    private static List<List<Encoded>> batches(int vocabulary) {
        Random random = new Random(1);
        List<Encoded> sentences = new ArrayList<>();
        for (int i = 0; i < SENTENCES * BATCHES; i++) {
            int length = (int) Math.max(4, Math.min(64, Math.round(Math.exp(random.nextGaussian() * 0.45 + 2.65))));
            sentences.add(new Encoded(random.ints(length, 0, vocabulary).toArray(), random.nextInt(LABELS)));
        }
        sentences.sort(Comparator.comparingInt(sentence -> sentence.ids().length));
        List<List<Encoded>> batches = new ArrayList<>();
        for (int from = 0; from < sentences.size(); from += SENTENCES) {
            batches.add(sentences.subList(from, from + SENTENCES));
        }
        java.util.Collections.shuffle(batches, random);
        return batches;
    }

    private static double headStep() {
        BertConfig config = new BertConfig(16, 384, 1, 12, 384, 16, 2, 1e-12);
        try (ParameterStore store = ParameterStore.fresh(1)) {
            Bert model = new Bert(config, LABELS, store, new Dropout(0, 1));
            store.all()
                    .forEach((name, parameter) ->
                            parameter.requiresGrad(name.startsWith("bert.pooler.") || name.startsWith("classifier.")));
            HeadClassification objective =
                    new HeadClassification(x -> model.classify(x, Mode.TRAIN), config.hiddenSize(), 0);
            FeatureBatch batch = new FeatureBatch(new float[SENTENCES * config.hiddenSize()], new int[SENTENCES], 0);
            try (AdamW optimizer =
                    new AdamW(List.of(new ParameterGroup(store.trainable(), 1e-4, 0.01)), 0.9, 0.999, 1e-8)) {
                int repeats = 300;
                long start = 0;
                for (int i = -repeats / 3; i < repeats; i++) {
                    start = i == 0 ? System.nanoTime() : start;
                    try (TensorScope scope = TensorScope.open()) {
                        Tensor loss = objective.lossSum(batch).mul(1.0 / SENTENCES);
                        loss.backward();
                        loss.item();
                    }
                    GradientNorm.clip(optimizer.parameters(), 1);
                    optimizer.step(1);
                    optimizer.clearGradients();
                }
                return (System.nanoTime() - start) * 1e-9 / repeats;
            }
        }
    }
}
