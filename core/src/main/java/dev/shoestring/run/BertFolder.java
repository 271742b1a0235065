package dev.shoestring.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.data.Encoded;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.Progress;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.shrink.TeacherAnswers;
import dev.shoestring.text.Tokenizer;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TextScorer;
import java.nio.file.Path;
import java.util.List;

/** A trained classifier of BERT's family as it lies in a folder, opened with its tokenizer. Not safe for several threads at once. */
final class BertFolder implements AutoCloseable {
    private static final int FEWEST_TOKENS = 4;

    private final Path folder;
    private final List<String> labels;
    private final byte[] tokenizerJson;
    private final Tokenizer tokenizer;
    private final ParameterStore store;
    private final Bert model;
    private final int maxTokens;

    /**
     * Opens it.
     *
     * @throws InputException if it is no classifier of that family
     */
    BertFolder(Path folder, List<String> labels) {
        this.folder = folder;
        this.labels = labels;
        try (ModelFiles files = Models.open(folder.toString(), Progress.silent())) {
            BertConfig config = BertConfig.of(files.config(), files.source());
            if (!files.weights().tensors().containsKey("classifier.weight")) {
                throw new InputException(folder + ": the model has no classifier; train one with shoestring train");
            }
            tokenizerJson = files.tokenizerJson();
            tokenizer = Tokenizer.from(tokenizerJson, files.source());
            store = new ParameterStore(new BertWeights(files.weights(), files.source(), true), 0);
            try {
                TextJobs.requireRows(tokenizer, config, files.source());
                model = new Bert(config, labels.size(), store, new Dropout(0, 0));
                if (!store.initialized().isEmpty()) {
                    throw new InputException(folder + ": the weights lack " + store.initialized()
                            + ", so this is no BertForSequenceClassification; train one with shoestring train");
                }
            } catch (RuntimeException refused) {
                store.close();
                tokenizer.close();
                throw refused;
            }
            int given = files.config().path("shoestring_max_tokens").asInt(512);
            maxTokens = Math.min(config.maxPositions(), given < FEWEST_TOKENS ? 512 : given);
        }
    }

    /**
     * Opens the classifier of a run or a model folder.
     *
     * @throws InputException if it is none of BERT's family
     */
    static BertFolder open(Path runOrModel) {
        Path folder = RunFolder.modelOf(runOrModel);
        return new BertFolder(folder, labels(folder));
    }

    /**
     * Demands, without opening the weights, that the classifier of a run or a model folder has these labels.
     *
     * @throws InputException if it was trained for others, or is no classifier of BERT's family
     */
    static void requireLabels(Path runOrModel, List<String> others) {
        Path folder = RunFolder.modelOf(runOrModel);
        requireSame(folder, labels(folder), others);
    }

    private static List<String> labels(Path folder) {
        JsonNode config = TextClassifier.config(folder);
        String type = config.path("model_type").asText("");
        if (!type.equals("bert")) {
            throw new InputException(folder + ": config.json: model_type is " + (type.isEmpty() ? "missing" : type)
                    + ", but only classifiers of texts of the BERT family are shrunk or teach in this version");
        }
        List<String> labels = TextClassifier.labelsOf(config);
        if (labels.size() < 2) {
            throw new InputException(folder + ": config.json: id2label names no labels, so this is no classifier");
        }
        return labels;
    }

    /**
     * Demands that it has these labels.
     *
     * @throws InputException if it was trained for others
     */
    void requireLabels(List<String> others) {
        requireSame(folder, labels, others);
    }

    private static void requireSame(Path folder, List<String> labels, List<String> others) {
        if (!labels.equals(others)) {
            throw new InputException(folder + ": has the labels " + some(labels) + ", but the data has " + some(others)
                    + "; give the data that this model was trained on, or another model");
        }
    }

    private static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(5, names.size())))
                + (names.size() > 5 ? ", … (" + names.size() + ")" : "");
    }

    /** Its folder. */
    Path folder() {
        return folder;
    }

    /** The labels, in order. */
    List<String> labels() {
        return labels;
    }

    /** {@code tokenizer.json}; not to be changed. */
    byte[] tokenizerJson() {
        return tokenizerJson;
    }

    /** The tokenizer. */
    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The parameters. */
    ParameterStore store() {
        return store;
    }

    /** The network. */
    Bert model() {
        return model;
    }

    /** Tokens that texts are cut to. */
    int maxTokens() {
        return maxTokens;
    }

    /** Scores texts in this arithmetic. */
    TextScorer scorer(Arithmetic arithmetic) {
        return new TextScorer(model, arithmetic, tokenizer.padId());
    }

    /** Texts in tokens, each with the label 0. */
    List<Encoded> encode(List<String> texts) {
        return tokenizer.encodeAll(texts, maxTokens).stream()
                .map(ids -> new Encoded(ids, 0))
                .toList();
    }

    /** Its answers on texts that it cut into tokens. */
    TeacherAnswers answers(List<Encoded> texts, Arithmetic arithmetic) {
        float[][] features = scorer(arithmetic).features(texts);
        return new TeacherAnswers(FeatureJobs.classify(x -> model.classify(x, Mode.EVALUATE), features), features);
    }

    /** Floating-point operations of scoring these texts. */
    double flops(List<Encoded> texts) {
        EncoderFlops counter = new EncoderFlops(TextJobs.shape(model.config(), labels.size()));
        return texts.stream()
                .mapToDouble(text -> counter.forward(new int[] {text.ids().length}))
                .sum();
    }

    @Override
    public void close() {
        store.close();
        tokenizer.close();
    }
}
