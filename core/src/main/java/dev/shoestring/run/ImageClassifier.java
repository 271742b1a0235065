package dev.shoestring.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.data.ImageFiles;
import dev.shoestring.data.ImageStore;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.Progress;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.ImageForm;
import dev.shoestring.train.ImageScorer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** A trained image classifier, opened to be used. Not safe for several threads at once. */
public final class ImageClassifier implements AutoCloseable {
    /** Key of {@code config.json} that says which copies of an image are looked at. */
    static final String VIEWS = "shoestring_views";

    /** Key of {@code config.json} that says what size images are brought to, if it is not the network's own. */
    static final String SIZE = "shoestring_size";

    private static final int LARGEST_SIZE = 4096;

    private final int size;
    private final List<String> labels;
    private final ImageConfig config;
    private final ParameterStore store;
    private final ImageNetwork network;
    private final ImageScorer.Views views;

    private ImageClassifier(
            int size,
            List<String> labels,
            ImageConfig config,
            ParameterStore store,
            ImageNetwork network,
            ImageScorer.Views views) {
        this.size = size;
        this.labels = labels;
        this.config = config;
        this.store = store;
        this.network = network;
        this.views = views;
    }

    /** Whether a run or model folder holds an image classifier; false if it holds no model at all. */
    public static boolean in(Path runOrModel) {
        Path folder = RunFolder.modelOf(runOrModel);
        if (!Files.isRegularFile(folder.resolve("config.json"))) {
            return false;
        }
        JsonNode json = TextClassifier.config(folder);
        return json.has("architecture") && !json.has("model_type");
    }

    /**
     * Opens the model of a run, or a model folder in timm's layout.
     *
     * @throws InputException if there is no such model, or it is no image classifier
     */
    public static ImageClassifier open(Path runOrModel) {
        Path folder = RunFolder.modelOf(runOrModel);
        try (ModelFiles files = Models.open(folder.toString(), Progress.silent())) {
            ImageConfig config = ImageNetworks.read(files.config(), files.source());
            List<String> labels = TextClassifier.labelsOf(files.config());
            if (labels.size() < 2) {
                throw new InputException(folder
                        + ": config.json: id2label must name the labels 0, 1, … of a classifier; "
                        + "this model is none. Train one with shoestring train --data PHOTOS --model " + folder);
            }
            int size = files.config().path(SIZE).asInt(config.size());
            int smallest = ImageNetworks.smallest(config.architecture());
            if (size < smallest || size > LARGEST_SIZE) {
                throw new InputException(folder + ": config.json: " + SIZE + " must be from " + smallest + " to "
                        + LARGEST_SIZE + " for this network, but is " + size);
            }
            ImageScorer.Views views = views(files.config().path(VIEWS).asText("one"), folder);
            ParameterStore store = new ParameterStore(new ImageWeights(files.weights(), files.source(), true), 0);
            try {
                ImageNetwork network = ImageNetworks.of(config, labels.size(), store);
                return new ImageClassifier(size, labels, config, store, network, views);
            } catch (RuntimeException refused) {
                store.close();
                throw refused;
            }
        }
    }

    /** The labels of the classifier in a run or model folder, without its weights. */
    static List<String> labels(Path runOrModel) {
        return TextClassifier.labelsOf(TextClassifier.config(RunFolder.modelOf(runOrModel)));
    }

    private static ImageScorer.Views views(String name, Path folder) {
        for (ImageScorer.Views views : ImageScorer.Views.values()) {
            if (views.name().toLowerCase(Locale.ROOT).equals(name)) {
                return views;
            }
        }
        throw new InputException(folder + ": config.json: " + VIEWS + " has no choice \"" + name + "\"");
    }

    /** The labels. */
    public List<String> labels() {
        return labels;
    }

    /** What the network is made for. */
    ImageConfig config() {
        return config;
    }

    /** Its parameters. */
    ParameterStore store() {
        return store;
    }

    /** The network. */
    ImageNetwork network() {
        return network;
    }

    /** The copies of an image that {@code predict} looks at. */
    ImageScorer.Views views() {
        return views;
    }

    /** Height and width that the network sees, pixels. */
    public int size() {
        return size;
    }

    /** Channels that the network sees. */
    public int channels() {
        return config.channels();
    }

    /** Class scores of all images of a store, in order; (images, labels). */
    public float[][] logits(ImageStore images) {
        ImageScorer scorer = new ImageScorer(network, new ImageForm(images, config), size, Arithmetic.FP32, views);
        return scorer.logits(IntStream.range(0, images.count()).toArray());
    }

    /**
     * Classifies image files, in order.
     *
     * @throws InputException if one cannot be read
     */
    public List<TextClassifier.Prediction> predict(List<Path> files) {
        float[][] logits = logits(new ImageFiles(files, size, config.channels()));
        List<TextClassifier.Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < logits.length; i++) {
            List<Double> probabilities = new ArrayList<>();
            for (float probability : ClassificationMetrics.probabilities(logits[i])) {
                probabilities.add((double) probability);
            }
            predictions.add(new TextClassifier.Prediction(
                    files.get(i).toString(), labels.get(ClassificationMetrics.argmax(logits[i])), probabilities));
        }
        return predictions;
    }

    @Override
    public void close() {
        store.close();
    }
}
