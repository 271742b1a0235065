package dev.shoestring.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.adapt.ParameterGroups;
import dev.shoestring.adapt.SentenceEncoderStart;
import dev.shoestring.augment.Augmentations;
import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.data.Held;
import dev.shoestring.data.LengthBuckets;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.hub.ModelFolder;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.text.Tokenizer;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.HeadClassification;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Objective;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.TensorFiles;
import dev.shoestring.train.TextBatch;
import dev.shoestring.train.TextBatches;
import dev.shoestring.train.TextClassification;
import dev.shoestring.train.TextScorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Makes the jobs of text classification: the whole network on texts, or its head on cached features. */
final class TextJobs {
    private static final int ONE_WINDOW = 1;

    /** The token ids of all splits. */
    record Splits(List<Encoded> train, List<Encoded> validation, List<Encoded> test) {}

    /**
     * What the whole network learns.
     *
     * @param objective what training makes small
     * @param flopsBefore floating-point operations spent before the first step
     * @param flopsBeside those of a micro-batch beside the network's own forward and backward pass
     * @param free frees what it holds
     */
    record Learning(
            Objective<TextBatch> objective,
            double flopsBefore,
            ToDoubleFunction<TokenBatch> flopsBeside,
            Runnable free) {
        /** Learning that takes nothing beside the network's own passes, and holds nothing. */
        Learning(Objective<TextBatch> objective, double flopsBefore) {
            this(objective, flopsBefore, batch -> 0, () -> {});
        }
    }

    private final Recipe recipe;
    private final TextInputs inputs;
    private final Arithmetic arithmetic;
    private final Shards shards;
    private final RunListener listener;

    TextJobs(Recipe recipe, TextInputs inputs, Arithmetic arithmetic, Shards shards, RunListener listener) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.arithmetic = arithmetic;
        this.shards = shards;
        this.listener = listener;
    }

    ClassifierJob<?> make() {
        int maxTokens = recipe.data().maxTokens();
        Splits splits = new Splits(
                inputs.encode(inputs.data().train(), maxTokens),
                inputs.encode(inputs.data().validation(), maxTokens),
                inputs.encode(inputs.data().test(), maxTokens));
        BertConfig config = config();
        if (maxTokens > config.maxPositions()) {
            throw new InputException("data.max_tokens: must be at most " + config.maxPositions()
                    + ", the positions of the model, but is " + maxTokens);
        }
        ParameterStore store = recipe.model() instanceof ModelSpec.FreshBert
                ? ParameterStore.fresh(recipe.seed())
                : new ParameterStore(
                        new BertWeights(
                                inputs.model().weights(),
                                inputs.model().source(),
                                TextClassifier.labelsOf(inputs.model().config())
                                        .equals(inputs.data().labels())),
                        recipe.seed());
        try {
            return make(config, store, splits);
        } catch (RuntimeException refused) {
            store.close();
            throw refused;
        }
    }

    private ClassifierJob<?> make(BertConfig config, ParameterStore store, Splits splits) {
        Dropout dropout = new Dropout(recipe.dropout(), recipe.seed());
        Bert model = new Bert(config, inputs.data().labels().size(), store, dropout);
        if (recipe.model() instanceof ModelSpec.Pretrained
                && !inputs.model().weights().tensors().containsKey("classifier.weight")) {
            SentenceEncoderStart.apply(store, config.numLayers() - 1);
        }
        if (recipe.adapt() instanceof AdaptSpec.Head) {
            return onFeatures(model, store, dropout, splits);
        }
        if (recipe.adapt() instanceof AdaptSpec.Full full && full.freezeWordEmbeddings()) {
            model.wordEmbeddings().requiresGrad(false);
        }
        @Nullable DistillSpec distill = recipe.distill();
        return distill == null
                ? onTexts(model, store, dropout, splits)
                : new DistilledTexts(recipe, inputs, arithmetic, listener, distill)
                        .make(this, model, store, dropout, splits);
    }

    /** The share of a step's batch that some texts are, of which the step of Muon is counted; 0 for another optimizer. */
    static double muonShare(Recipe recipe, double texts) {
        return recipe.optimizer().kind() == OptimizerSpec.Kind.MUON
                ? texts / recipe.batch().global()
                : 0;
    }

    private BertConfig config() {
        BertConfig pretrained =
                BertConfig.of(inputs.model().config(), inputs.model().source());
        requireRows(inputs.tokenizer(), pretrained, inputs.model().source());
        if (recipe.model() instanceof ModelSpec.FreshBert fresh) {
            return new BertConfig(
                    pretrained.vocabSize(),
                    fresh.hiddenSize(),
                    fresh.layers(),
                    fresh.numHeads(),
                    fresh.intermediateSize(),
                    pretrained.maxPositions(),
                    pretrained.typeVocabSize(),
                    pretrained.layerNormEps());
        }
        return pretrained;
    }

    /** Demands a row of the embedding table for each piece of the tokenizer. */
    static void requireRows(Tokenizer tokenizer, BertConfig config, String source) {
        if (tokenizer.vocabularySize() > config.vocabSize()) {
            throw new InputException(source + ": the tokenizer has " + tokenizer.vocabularySize()
                    + " pieces, but the model has rows for " + config.vocabSize() + "; they do not belong together");
        }
    }

    static EncoderShape shape(BertConfig config, int labels) {
        return new EncoderShape(
                config.vocabSize(),
                config.numLayers(),
                config.hiddenSize(),
                config.numHeads(),
                config.intermediateSize(),
                config.maxPositions(),
                config.typeVocabSize(),
                labels);
    }

    private EncoderFlops flops(Bert model) {
        return new EncoderFlops(shape(model.config(), inputs.data().labels().size()));
    }

    private ClassifierJob<?> onTexts(Bert model, ParameterStore store, Dropout dropout, Splits splits) {
        return onTexts(
                model,
                store,
                dropout,
                splits,
                epochTexts(splits.train()),
                splits.train().size(),
                new Learning(new TextClassification(model, recipe.labelSmoothing()), 0));
    }

    /** The whole network on texts: {@code examples} of them in each epoch. */
    ClassifierJob<?> onTexts(
            Bert model,
            ParameterStore store,
            Dropout dropout,
            Splits splits,
            IntFunction<List<Encoded>> epochTexts,
            int examples,
            Learning learning) {
        int padding = inputs.tokenizer().padId();
        EncoderFlops flops = flops(model);
        TextBatches batches = new TextBatches(
                epochTexts,
                examples,
                recipe.batch().global(),
                recipe.batch().micro(),
                recipe.batch().byLength() ? LengthBuckets.DEFAULT_WINDOW : ONE_WINDOW,
                padding,
                recipe.seed(),
                batch -> flops.training(batch.lengths(), muonShare(recipe, batch.size()))
                        + learning.flopsBeside().applyAsDouble(batch));
        TextScorer scorer = new TextScorer(model, arithmetic, padding);
        return job(
                model,
                store,
                dropout,
                batches,
                learning.objective(),
                batches.stepsPerEpoch(),
                (held, which) -> scorer.logits(Arrays.stream(which)
                        .mapToObj((held == Held.VALIDATION ? splits.validation() : splits.test())::get)
                        .toList()),
                learning.flopsBefore(),
                learning.free());
    }

    private <B extends MicroBatch> ClassifierJob<B> job(
            Bert model,
            ParameterStore store,
            Dropout dropout,
            StepBatches<B> batches,
            Objective<B> objective,
            int stepsPerEpoch,
            HeldScorer scorer,
            double preparationFlops,
            Runnable free) {
        OptimizerSpec spec = recipe.optimizer();
        return new ClassifierJob<>(
                store,
                ParameterGroups.optimizer(store.trainable(), spec, shards),
                null,
                dropout::startStep,
                batches,
                objective,
                stepsPerEpoch,
                scorer,
                preparationFlops,
                shape(model.config(), inputs.data().labels().size()).parameters(),
                inputs.data(),
                folder -> save(model, store, folder),
                () -> {
                    dropout.close();
                    free.run();
                });
    }

    private void save(Bert model, ParameterStore store, Path folder) {
        ObjectNode config = model.config().toJson(inputs.data().labels(), recipe.dropout());
        config.put("shoestring_max_tokens", recipe.data().maxTokens());
        LinkedHashMap<String, Tensor> saved = new LinkedHashMap<>(store.all());
        saved.keySet().removeIf(name -> name.startsWith(DistilledTexts.ONLY_FOR_TRAINING));
        TensorFiles.lend(
                saved,
                tensors -> ModelFolder.write(folder, config, inputs.model().tokenizerJson(), tensors));
    }

    /** The training texts as each epoch sees them. */
    private IntFunction<List<Encoded>> epochTexts(List<Encoded> train) {
        Augmentations augmentations = Augmentations.of(
                recipe.augment(),
                new Augmentations.Vocabulary(
                        inputs.tokenizer().maskId(),
                        inputs.tokenizer().separatorId(),
                        recipe.data().maxTokens()),
                train,
                inputs.synonyms(),
                recipe.seed());
        return epoch -> {
            List<Encoded> texts = train;
            if (augmentations.changesText()) {
                List<Example> changed = new ArrayList<>(train.size());
                for (int i = 0; i < train.size(); i++) {
                    Example example = inputs.data().train().get(i);
                    changed.add(new Example(augmentations.text(example.text(), epoch, i), example.label()));
                }
                texts = inputs.encode(changed, recipe.data().maxTokens());
            }
            List<Encoded> augmented = new ArrayList<>(texts.size());
            for (int i = 0; i < texts.size(); i++) {
                augmented.add(augmentations.tokens(texts.get(i), epoch, i));
            }
            return augmented;
        };
    }

    private ClassifierJob<?> onFeatures(Bert model, ParameterStore store, Dropout dropout, Splits splits) {
        store.all()
                .forEach((name, parameter) ->
                        parameter.requiresGrad(name.startsWith("bert.pooler.") || name.startsWith("classifier.")));
        listener.message("computing the frozen encoder's features once");
        float[][] train = features(model, splits.train(), "training features");
        float[][] validation = features(model, splits.validation(), "validation features");
        int[] labels = splits.train().stream().mapToInt(text -> text.label()).toArray();
        EncoderFlops flops = flops(model);
        double preparation = splits.train().stream()
                .mapToDouble(text -> flops.features(new int[] {text.ids().length}))
                .sum();
        FeatureJobs.Batches batches = new FeatureJobs.Batches(
                train,
                labels,
                recipe.batch().global(),
                recipe.seed(),
                rows -> flops.training(new int[rows.length], EncoderFlops.Trained.HEAD_ON_CACHED_FEATURES));
        int width = model.config().hiddenSize();
        return job(
                model,
                store,
                dropout,
                batches,
                new HeadClassification(x -> model.classify(x, Mode.TRAIN), width, recipe.labelSmoothing()),
                batches.perEpoch(),
                (held, which) -> FeatureJobs.classify(
                        x -> model.classify(x, Mode.EVALUATE),
                        FeatureJobs.some(
                                held == Held.VALIDATION ? validation : features(model, splits.test(), "test features"),
                                which)),
                preparation,
                () -> {});
    }

    /** The encoder's output at the first token of each text. */
    private float[][] features(Bert model, List<Encoded> texts, String what) {
        listener.transferred(what, 0, texts.size());
        return new TextScorer(model, arithmetic, inputs.tokenizer().padId()).features(texts);
    }
}
