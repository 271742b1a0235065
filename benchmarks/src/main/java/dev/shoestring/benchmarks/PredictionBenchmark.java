package dev.shoestring.benchmarks;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.shoestring.data.Example;
import dev.shoestring.run.TextClassifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Sentences classified a second, by our {@code predict} and by ONNX Runtime's Java binding with the same weights and tokenizer, in turns;
 * and how far their logits are apart. ONNX Runtime is used as its users do: batches in the order of the texts, padded to their longest, with the
 * default session options, once with batches of 32 and once a text at a time. Tokenizing counts in all. Prints one JSON line.
 *
 * <p>Usage: {@code PredictionBenchmark MODEL_FOLDER MODEL.onnx TEXTS [ROUNDS]}
 */
public final class PredictionBenchmark {
    private static final int BATCH = 32;
    /** As the bundled recipes cut their texts. */
    private static final int MAX_TOKENS = 64;

    private PredictionBenchmark() {}

    private interface Run {
        float[][] logits() throws OrtException;
    }

    /** Runs it. */
    public static void main(String[] arguments) throws IOException, OrtException {
        Path folder = Path.of(arguments[0]);
        List<String> texts = Files.readAllLines(Path.of(arguments[2]));
        int rounds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 5;
        List<Example> examples =
                texts.stream().map(text -> new Example(text, 0)).toList();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (TextClassifier ours = TextClassifier.open(folder);
                OrtSession session = environment.createSession(arguments[1], new OrtSession.SessionOptions());
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.builder()
                        .optTokenizerPath(folder.resolve("tokenizer.json"))
                        .optPadding(true)
                        .optTruncation(true)
                        .optMaxLength(MAX_TOKENS)
                        .build()) {
            List<Run> all = List.of(
                    () -> ours.logits(examples),
                    () -> batched(session, tokenizer, texts, BATCH),
                    () -> batched(session, tokenizer, texts, 1));
            List<List<Double>> seconds = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            List<float[][]> logits = new ArrayList<>();
            for (Run run : all) {
                logits.add(run.logits());
            }
            for (int round = 0; round < rounds; round++) {
                for (int turn = 0; turn < all.size(); turn++) {
                    int i = (turn + round) % all.size();
                    long before = System.nanoTime();
                    all.get(i).logits();
                    seconds.get(i).add((System.nanoTime() - before) * 1e-9);
                }
            }
            double own = texts.size() / median(seconds.get(0));
            double inBatches = texts.size() / median(seconds.get(1));
            double singly = texts.size() / median(seconds.get(2));
            System.out.printf(
                    "{\"benchmark\":\"predict\",\"texts\":%d,\"shoestring_per_s\":%.1f,\"onnx_runtime_per_s\":%.1f,"
                            + "\"onnx_runtime_singly_per_s\":%.1f,\"ratio\":%.2f,\"ratio_singly\":%.2f,\"largest_difference\":%.2e}%n",
                    texts.size(),
                    own,
                    inBatches,
                    singly,
                    own / inBatches,
                    own / singly,
                    apart(logits.get(0), logits.get(1)));
        }
    }

    private static float[][] batched(OrtSession session, HuggingFaceTokenizer tokenizer, List<String> texts, int size)
            throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        float[][] all = new float[texts.size()][];
        for (int from = 0; from < texts.size(); from += size) {
            List<String> some = texts.subList(from, Math.min(texts.size(), from + size));
            Encoding[] encodings = tokenizer.batchEncode(some);
            long[][] ids = new long[some.size()][];
            long[][] mask = new long[some.size()][];
            for (int row = 0; row < encodings.length; row++) {
                ids[row] = encodings[row].getIds();
                mask[row] = encodings[row].getAttentionMask();
            }
            try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, ids);
                    OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask);
                    OrtSession.Result result =
                            session.run(Map.of("input_ids", idTensor, "attention_mask", maskTensor))) {
                float[][] rows = (float[][]) result.get(0).getValue();
                System.arraycopy(rows, 0, all, from, rows.length);
            }
        }
        return all;
    }

    private static double apart(float[][] some, float[][] others) {
        double largest = 0;
        for (int row = 0; row < some.length; row++) {
            for (int i = 0; i < some[row].length; i++) {
                largest = Math.max(largest, Math.abs(some[row][i] - others[row][i]));
            }
        }
        return largest;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }
}
