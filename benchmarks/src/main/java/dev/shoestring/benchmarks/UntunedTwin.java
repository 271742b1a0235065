package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.adapt.SentenceEncoderStart;
import dev.shoestring.data.Example;
import dev.shoestring.data.TextData;
import dev.shoestring.hub.MavenArtifacts;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.ModelFolder;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.Progress;
import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.shrink.BertCut;
import dev.shoestring.shrink.BertPruning;
import dev.shoestring.shrink.BertRefit;
import dev.shoestring.shrink.BertTrace;
import dev.shoestring.shrink.EqualLengths;
import dev.shoestring.shrink.StreamBasis;
import dev.shoestring.shrink.StreamMoments;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.text.Tokenizer;
import dev.shoestring.train.TensorFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The twin of a network that {@code shrink} made: the same rows, layers, heads and channels cut out of the encoder that {@code definitions} starts
 * from, before any tuning, with a new classifier. What it reaches by labels alone is what the original's answers are to be worth more than. Which parts matter was
 * measured on the tuned network, which can only help the twin; what was cut is made up for in it as in {@code shrink}.
 *
 * <p>Usage: {@code UntunedTwin CUT FOLDER SEED}; CUT is the shrinking's {@code cut-0}
 */
public final class UntunedTwin {
    /** As many as {@code shrink} follows: the first training texts that have so many tokens together. */
    private static final int TOKENS = 10_000;

    private UntunedTwin() {}

    /** Writes it to FOLDER, in Hugging Face layout. */
    public static void main(String[] arguments) throws IOException {
        Path cutFolder = Path.of(arguments[0]);
        Recipe recipe = Recipes.load("definitions", List.of("seed=" + arguments[2]));
        String start = ((ModelSpec.Pretrained) recipe.model()).from();
        String bundled = ((DataSpec.Source.Bundled) recipe.data().source()).from();
        Path artifact = MavenArtifacts.resolve(bundled.substring("maven:".length()), Progress.silent());
        TextData data = TextData.load(recipe.data(), artifact, recipe.seed());
        BertCut cut = new ObjectMapper().readValue(cutFolder.resolve("cut.json").toFile(), BertCut.class);
        int labels = data.labels().size();
        try (ModelFiles files = Models.open(start, Progress.silent());
                ModelFiles small = Models.open(cutFolder.toString(), Progress.silent());
                Tokenizer tokenizer = Tokenizer.from(files.tokenizerJson(), start);
                Dropout none = new Dropout(0, 0);
                ParameterStore store = new ParameterStore(name -> encoder(files, name), recipe.seed())) {
            BertConfig config = BertConfig.of(files.config(), start);
            new Bert(config, labels, store, none);
            SentenceEncoderStart.apply(store, config.numLayers() - 1);
            try (BertTrace trace = BertTrace.of(
                            config,
                            store,
                            EqualLengths.of(
                                    texts(tokenizer, data.train(), recipe.data().maxTokens())));
                    ParameterStore cutStore =
                            cut(store, config, cut, basis(trace, cut, config), recipe.seed(), labels, none)) {
                int[] rows = rows(files.tokenizerJson(), small.tokenizerJson(), config.vocabSize());
                if (!cut.keepsEncoder(config)) {
                    BertRefit.fit(cutStore, trace, cut, basis(trace, cut, config), piece -> rows[piece]);
                }
                Map<String, Tensor> saved = new LinkedHashMap<>(cutStore.all());
                TensorFiles.lend(
                        saved,
                        tensors -> ModelFolder.write(
                                Path.of(arguments[1]), small.config(), small.tokenizerJson(), tensors));
            }
        }
    }

    private static @Nullable Tensor encoder(ModelFiles files, String name) {
        TensorInfo info = files.weights().tensors().get(name.replaceFirst("^bert\\.", ""));
        return info == null ? null : StoredTensors.load(files.weights(), info, files.source());
    }

    private static @Nullable StreamBasis basis(BertTrace trace, BertCut cut, BertConfig config) {
        int width = cut.width().size();
        return width == config.hiddenSize() ? null : StreamMoments.of(trace).basis(width);
    }

    private static ParameterStore cut(
            ParameterStore store,
            BertConfig config,
            BertCut cut,
            @Nullable StreamBasis basis,
            long seed,
            int labels,
            Dropout none) {
        ParameterStore small = new ParameterStore(new BertPruning(store.all(), config, cut, basis), seed);
        new Bert(cut.config(config), labels, small, none);
        return small;
    }

    /** For each piece of the full vocabulary its row in the small one; that of the unknown piece where it has none. */
    private static int[] rows(byte[] full, byte[] small, int pieces) throws IOException {
        JsonNode own = new ObjectMapper().readTree(small).path("model").path("vocab");
        int[] rows = new int[pieces];
        new ObjectMapper()
                .readTree(full)
                .path("model")
                .path("vocab")
                .properties()
                .forEach(piece -> rows[piece.getValue().asInt()] =
                        own.path(piece.getKey()).asInt(own.path("[UNK]").asInt()));
        return rows;
    }

    private static List<int[]> texts(Tokenizer tokenizer, List<Example> examples, int maxTokens) {
        List<int[]> all =
                tokenizer.encodeAll(examples.stream().map(Example::text).toList(), maxTokens);
        int tokens = 0;
        int texts = 0;
        while (texts < all.size() && tokens < TOKENS) {
            tokens += all.get(texts++).length;
        }
        return all.subList(0, texts);
    }
}
