package dev.shoestring.run;

import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.data.Synonyms;
import dev.shoestring.data.TextData;
import dev.shoestring.hub.MavenArtifacts;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.BagOfWordsSettings;
import dev.shoestring.models.BertConfig;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.text.Tokenizer;
import dev.shoestring.train.Arithmetic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a run on texts reads before it starts: data, weights and tokenizer, fetched side by side. */
final class TextInputs implements ClassifierInputs {
    private static final String MAVEN = "maven:";

    private final TextData data;
    private final @Nullable Path bundledData;
    private final @Nullable CompletableFuture<ModelFiles> model;
    private final @Nullable CompletableFuture<Tokenizer> tokenizer;

    private final Recipe recipe;
    private final RunListener listener;

    private TextInputs(
            Recipe recipe,
            RunListener listener,
            TextData data,
            @Nullable Path bundledData,
            @Nullable CompletableFuture<ModelFiles> model,
            @Nullable CompletableFuture<Tokenizer> tokenizer) {
        this.recipe = recipe;
        this.listener = listener;
        this.data = data;
        this.bundledData = bundledData;
        this.model = model;
        this.tokenizer = tokenizer;
    }

    /** Starts fetching the model in the background and reads the data. */
    static TextInputs of(Recipe recipe, RunListener listener) {
        CompletableFuture<ModelFiles> model = null;
        CompletableFuture<Tokenizer> tokenizer = null;
        @Nullable String reference = modelReference(recipe.model());
        if (reference != null) {
            model = CompletableFuture.supplyAsync(() -> Models.open(reference, listener::transferred));
            tokenizer = model.thenApply(files -> Tokenizer.from(files.tokenizerJson(), files.source()));
            LibTorch.loadAhead();
        }
        @Nullable Path bundled = null;
        if (recipe.data().source() instanceof DataSpec.Source.Bundled source) {
            bundled = artifact(source.from(), listener);
        }
        TextData data = TextData.load(recipe.data(), bundled, recipe.seed());
        return new TextInputs(recipe, listener, data, bundled, model, tokenizer);
    }

    private static @Nullable String modelReference(ModelSpec spec) {
        if (spec instanceof ModelSpec.Pretrained pretrained) {
            return pretrained.from();
        }
        return spec instanceof ModelSpec.FreshBert fresh ? fresh.tokenizer() : null;
    }

    static boolean isArtifact(String reference) {
        return reference.startsWith(MAVEN);
    }

    static Path artifact(String reference, RunListener listener) {
        if (!isArtifact(reference)) {
            throw new InputException("data.from: must be maven:GROUP:ARTIFACT:VERSION, but is \"" + reference + "\"");
        }
        return MavenArtifacts.resolve(reference.substring(MAVEN.length()), listener::transferred);
    }

    @Override
    public TextData data() {
        return data;
    }

    ModelFiles model() {
        return join(model);
    }

    Tokenizer tokenizer() {
        return join(tokenizer);
    }

    /** Waits until model and tokenizer are here and checks their kind, so that a wrong one is refused before a run folder is made. */
    @Override
    public void awaitModel() {
        if (model != null) {
            BertConfig.of(model().config(), model().source());
        }
        if (tokenizer != null) {
            tokenizer();
        }
        DistillSpec distill = recipe.distill();
        if (distill != null) {
            Path teacher = Path.of(distill.teacher());
            BertFolder.requireLabels(teacher, data.labels());
            if (distill.relations().weight() > 0) {
                Path folder = RunFolder.modelOf(teacher);
                RelationsBeside.Form.of(
                        distill,
                        BertConfig.of(TextClassifier.config(folder), folder.toString()),
                        width(),
                        recipe.data().maxTokens());
            }
        }
    }

    private int width() {
        return recipe.model() instanceof ModelSpec.FreshBert fresh
                ? fresh.hiddenSize()
                : BertConfig.of(model().config(), model().source()).hiddenSize();
    }

    @Override
    public String fingerprint() {
        return Fingerprint.of(data);
    }

    @Override
    public Baseline baseline() {
        BagOfWordsSettings settings = BagOfWordsSettings.defaults();
        return WordBaseline.train(
                data,
                recipe.model() instanceof ModelSpec.FreshBagOfWords words
                        ? settings.withBuckets(words.buckets())
                        : settings,
                recipe.seed());
    }

    @Override
    public boolean baselineOnly() {
        return recipe.model() instanceof ModelSpec.FreshBagOfWords;
    }

    @Override
    public ClassifierJob<?> job(Arithmetic arithmetic, Shards shards, MemorySpec measures) {
        return new TextJobs(recipe, this, arithmetic, shards, listener).make();
    }

    @Override
    public String modelName() {
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained) {
            return pretrained.from();
        }
        return recipe.model() instanceof ModelSpec.FreshBert ? "bert (random weights)" : "bag-of-words";
    }

    private static <T> T join(@Nullable CompletableFuture<T> future) {
        if (future == null) {
            throw new IllegalStateException("this recipe's model has no weights or tokenizer");
        }
        try {
            return future.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    /** Synonyms of the bundled WordNet. */
    Supplier<Synonyms> synonyms() {
        return () -> {
            if (bundledData == null) {
                throw new InputException(
                        "augment: synonyms come from WordNet, which this recipe's data is not; use token-dropout instead");
            }
            return Synonyms.read(bundledData);
        };
    }

    /** The texts of up to so many training rows beyond those that are used: they are in no other split. */
    List<String> unused(int most) {
        Integer used = recipe.data().trainExamples();
        if (most == 0 || used == null) {
            return List.of();
        }
        DataSpec spec = recipe.data();
        DataSpec more = new DataSpec(
                spec.source(),
                spec.input(),
                spec.label(),
                spec.validation(),
                spec.test(),
                used + most,
                spec.maxTokens());
        // The order of the rows does not depend on how many are taken.
        List<Example> all = TextData.load(more, bundledData, recipe.seed()).train();
        return all.subList(data.train().size(), all.size()).stream()
                .map(Example::text)
                .toList();
    }

    /** Texts cut into tokens. */
    List<Encoded> encode(List<Example> examples, int maxTokens) {
        List<int[]> ids =
                tokenizer().encodeAll(examples.stream().map(Example::text).toList(), maxTokens);
        List<Encoded> encoded = new ArrayList<>(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            encoded.add(new Encoded(ids.get(i), examples.get(i).label()));
        }
        return encoded;
    }

    @Override
    public void close() {
        if (tokenizer != null && tokenizer.isDone() && !tokenizer.isCompletedExceptionally()) {
            tokenizer.join().close();
        }
        if (model != null && model.isDone() && !model.isCompletedExceptionally()) {
            model.join().close();
        }
    }
}
