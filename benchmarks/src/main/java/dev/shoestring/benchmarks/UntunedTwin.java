package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.adapt.SentenceEncoderStart;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.data.TextData;
import dev.shoestring.data.TokenBatch;
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
import dev.shoestring.shrink.StreamBasis;
import dev.shoestring.shrink.StreamMoments;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.text.Tokenizer;
import dev.shoestring.train.TensorFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The twin of a network that {@code shrink} made: the same rows, layers, heads and channels cut out of the encoder that {@code definitions} starts
 * from, before any tuning, with a new classifier. What it reaches by labels alone is what the original's answers are to be worth more than. Which parts matter was
 * measured on the tuned network, which can only help the twin.
 *
 * <p>Usage: {@code UntunedTwin CUT FOLDER SEED}; CUT is the shrinking's {@code cut-0}
 */
public final class UntunedTwin {
    private static final int TEXTS = 256;
    private static final int BATCH = 8;

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
            Bert model = new Bert(config, labels, store, none);
            SentenceEncoderStart.apply(store, config.numLayers() - 1);
            StreamBasis basis = cut.width().size() == config.hiddenSize()
                    ? null
                    : StreamMoments.measure(
                                    model,
                                    store,
                                    batches(
                                            tokenizer,
                                            data.train(),
                                            recipe.data().maxTokens()))
                            .basis(cut.width().size());
            try (ParameterStore cutStore =
                    new ParameterStore(new BertPruning(store.all(), config, cut, basis), recipe.seed())) {
                new Bert(cut.config(config), labels, cutStore, none);
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

    private static List<TokenBatch> batches(Tokenizer tokenizer, List<Example> examples, int maxTokens) {
        List<int[]> ids = tokenizer.encodeAll(
                examples.subList(0, Math.min(TEXTS, examples.size())).stream()
                        .map(Example::text)
                        .toList(),
                maxTokens);
        List<Encoded> encoded = IntStream.range(0, ids.size())
                .mapToObj(i -> new Encoded(ids.get(i), 0))
                .toList();
        List<TokenBatch> batches = new ArrayList<>();
        for (int from = 0; from < encoded.size(); from += BATCH) {
            batches.add(
                    TokenBatch.of(encoded.subList(from, Math.min(encoded.size(), from + BATCH)), tokenizer.padId()));
        }
        return batches;
    }
}
