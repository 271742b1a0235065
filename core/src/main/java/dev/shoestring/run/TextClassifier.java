package dev.shoestring.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.data.Example;
import dev.shoestring.models.BagOfWords;
import dev.shoestring.recipe.InputException;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A trained text classifier, opened to be used: one of BERT's family or a bag of words. Not safe for several threads at once. */
public final class TextClassifier implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LARGEST_CONFIG = 16 << 20;

    /** Scores texts. */
    private interface Scorer extends AutoCloseable {
        float[][] logits(List<String> texts);

        @Override
        void close();
    }

    private final List<String> labels;
    private final Scorer scorer;

    private TextClassifier(List<String> labels, Scorer scorer) {
        this.labels = labels;
        this.scorer = scorer;
    }

    /**
     * What a text was taken for.
     *
     * @param text the text
     * @param label the most probable label
     * @param probabilities of all labels, in the order of {@link TextClassifier#labels}
     */
    public record Prediction(String text, String label, List<Double> probabilities) {
        /** Copies the list. */
        public Prediction {
            probabilities = List.copyOf(probabilities);
        }
    }

    /**
     * Opens the model of a run, or a model folder in Hugging Face layout.
     *
     * @throws InputException if there is no such model, or it is no text classifier
     */
    public static TextClassifier open(Path runOrModel) {
        Path folder = RunFolder.modelOf(runOrModel);
        JsonNode config = config(folder);
        List<String> labels = labelsOf(config);
        if (labels.size() < 2 || labels.size() != config.path("id2label").size()) {
            throw new InputException(folder + ": config.json: id2label must name the labels 0, 1, … of a classifier; "
                    + "this model is none");
        }
        if (config.path("model_type").asText().equals(BagOfWordsFolder.MODEL_TYPE)) {
            BagOfWords model = BagOfWordsFolder.read(folder, config, labels.size());
            return new TextClassifier(labels, new BagScorer(model));
        }
        return new TextClassifier(labels, new BertScorer(new BertFolder(folder, labels)));
    }

    static JsonNode config(Path folder) {
        Path file = folder.resolve("config.json");
        try {
            if (!Files.isRegularFile(file)) {
                throw new InputException(folder + ": holds no model (no config.json); the run may not have finished: "
                        + "resume it with train --resume");
            }
            if (Files.size(file) > LARGEST_CONFIG) {
                throw new InputException(file + ": is larger than 16 MiB, which no config.json is");
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (IOException unreadable) {
            throw new InputException(file + ": is not valid JSON (" + RunFolder.reason(unreadable) + ")", unreadable);
        }
    }

    /** The labels 0, 1, … that a {@code config.json} names. */
    static List<String> labelsOf(JsonNode config) {
        JsonNode names = config.path("id2label");
        List<String> labels = new ArrayList<>();
        while (names.has(Integer.toString(labels.size()))) {
            labels.add(names.get(Integer.toString(labels.size())).asText());
        }
        return List.copyOf(labels);
    }

    /** The labels. */
    public List<String> labels() {
        return labels;
    }

    /** Classifies texts, in order. */
    public List<Prediction> predict(List<String> texts) {
        float[][] logits = scorer.logits(texts);
        List<Prediction> predictions = new ArrayList<>(texts.size());
        for (int i = 0; i < logits.length; i++) {
            List<Double> probabilities = new ArrayList<>(labels.size());
            for (float probability : ClassificationMetrics.probabilities(logits[i])) {
                probabilities.add((double) probability);
            }
            predictions.add(
                    new Prediction(texts.get(i), labels.get(ClassificationMetrics.argmax(logits[i])), probabilities));
        }
        return predictions;
    }

    /** Scores labelled texts, in order; (texts, labels). */
    public float[][] logits(List<Example> examples) {
        return scorer.logits(examples.stream().map(Example::text).toList());
    }

    @Override
    public void close() {
        scorer.close();
    }

    private record BagScorer(BagOfWords model) implements Scorer {
        @Override
        public float[][] logits(List<String> texts) {
            return WordBaseline.logits(
                    model, texts.stream().map(text -> new Example(text, 0)).toList());
        }

        @Override
        public void close() {
            // Plain Java: nothing to free.
        }
    }

    private record BertScorer(BertFolder opened) implements Scorer {
        @Override
        public float[][] logits(List<String> texts) {
            return opened.scorer(Arithmetic.FP32).logits(opened.encode(texts));
        }

        @Override
        public void close() {
            opened.close();
        }
    }
}
