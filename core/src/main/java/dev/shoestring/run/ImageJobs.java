package dev.shoestring.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.adapt.ImageParameterGroups;
import dev.shoestring.adapt.LowRankAdaptation;
import dev.shoestring.adapt.Unfreezing;
import dev.shoestring.augment.ImageAugmentations;
import dev.shoestring.cost.LayerCounter;
import dev.shoestring.data.Held;
import dev.shoestring.data.ImageData;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.ModelFolder;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.models.SlimNet;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.ImageDistillation;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.AveragedOptimizer;
import dev.shoestring.train.HeadClassification;
import dev.shoestring.train.ImageBatch;
import dev.shoestring.train.ImageBatches;
import dev.shoestring.train.ImageClassification;
import dev.shoestring.train.ImageForm;
import dev.shoestring.train.ImageScorer;
import dev.shoestring.train.Objective;
import dev.shoestring.train.TensorFiles;
import dev.shoestring.train.WeightAverage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the jobs of image classification: the whole network, stage by stage, or its head on cached features. */
final class ImageJobs {
    private static final int WHITENED = 3000;
    private static final int WHITENED_PIXELS = 4_000_000;

    private final Recipe recipe;
    private final ImageInputs inputs;
    private final ImageData data;
    private final Arithmetic arithmetic;
    private final Shards shards;
    private final RunListener listener;
    private final ImageConfig config;
    private final int size;
    private final ImageForm form;
    private final ImageAugmentations augmentations;

    ImageJobs(Recipe recipe, ImageInputs inputs, Arithmetic arithmetic, Shards shards, RunListener listener) {
        this(recipe, inputs, inputs.config(), inputs.size(), arithmetic, shards, listener);
    }

    /** Jobs of a network that is not the recipe's own. */
    ImageJobs(
            Recipe recipe,
            ImageInputs inputs,
            ImageConfig config,
            int size,
            Arithmetic arithmetic,
            Shards shards,
            RunListener listener) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.data = inputs.data();
        this.arithmetic = arithmetic;
        this.shards = shards;
        this.listener = listener;
        this.config = config;
        this.size = size;
        this.form = new ImageForm(data.store(), config);
        this.augmentations = new ImageAugmentations(recipe.augment(), recipe.seed());
    }

    ClassifierJob<?> make() {
        ParameterStore store = store();
        try {
            return make(store);
        } catch (RuntimeException refused) {
            store.close();
            throw refused;
        }
    }

    private ClassifierJob<?> make(ParameterStore store) {
        int labels = data.labels().size();
        ImageNetwork network = ImageNetworks.of(config, labels, store);
        if (recipe.model() instanceof ModelSpec.FreshImageNetwork && network instanceof SlimNet slim) {
            whiten(slim);
        }
        if (recipe.adapt() instanceof AdaptSpec.Head) {
            return onFeatures(network, store);
        }
        if (recipe.adapt() instanceof AdaptSpec.Lora lora) {
            List<List<String>> stages = network.stages();
            LowRankAdaptation.apply(store, stages.get(stages.size() - 1), lora);
        }
        return onImages(network, store);
    }

    private ParameterStore store() {
        @Nullable ModelFiles model = inputs.model();
        if (model == null) {
            return ParameterStore.fresh(recipe.seed());
        }
        boolean sameLabels = TextClassifier.labelsOf(model.config()).equals(data.labels());
        return new ParameterStore(new ImageWeights(model.weights(), model.source(), sameLabels), recipe.seed());
    }

    private void whiten(SlimNet network) {
        int enough = Math.max(1, Math.min(WHITENED, WHITENED_PIXELS / (size * size)));
        int[] some = Arrays.copyOf(data.train(), Math.min(enough, data.train().length));
        try (TensorScope scope = TensorScope.open()) {
            network.whitenBy(form.normalized(form.pixels(form.gather(some), some.length), size));
        }
    }

    /** Training a network on images; closing the job closes the store. */
    ClassifierJob<ImageBatch> onImages(ImageNetwork network, ParameterStore store) {
        @Nullable DistillSpec distill = recipe.distill();
        if (distill == null) {
            return onImages(network, store, null);
        }
        DistilledImages taught = DistilledImages.open(recipe, distill, data, config.channels(), arithmetic);
        try {
            return onImages(network, store, taught);
        } catch (RuntimeException refused) {
            taught.close();
            throw refused;
        }
    }

    private ClassifierJob<ImageBatch> onImages(
            ImageNetwork network, ParameterStore store, @Nullable DistilledImages taught) {
        int labels = data.labels().size();
        int perEpoch =
                ImageBatches.stepsPerEpoch(data.train().length, recipe.batch().global());
        long steps = recipe.schedule().steps(perEpoch);
        Unfreezing unfreezing = Unfreezing.of(recipe.adapt(), network.stages(), store, steps);
        long[] now = {0};
        ImageBatches batches = new ImageBatches(
                data,
                form,
                recipe.batch(),
                size,
                ImageNetworks.smallest(config.architecture()),
                recipe.images().progressive(),
                steps,
                recipe.seed(),
                side -> {
                    LayerCounter counter = ImageNetworks.count(config, side, labels);
                    double selective = recipe.images().selectiveBackprop();
                    // With LoRA no weight's own gradient is computed.
                    double training = recipe.adapt() instanceof AdaptSpec.Lora
                            ? counter.training(0) - counter.forward()
                            : counter.training(unfreezing.frozenStages(now[0]));
                    double answer = taught == null ? 0 : taught.flopsEach();
                    return answer + (selective < 1 ? counter.forward() + selective * training : training);
                });
        Map<String, Tensor> changing = new LinkedHashMap<>(store.trainable());
        changing.putAll(store.buffers());
        boolean fresh = recipe.model() instanceof ModelSpec.FreshImageNetwork;
        Optimizer optimizer = ImageParameterGroups.optimizer(
                store.trainable(), network.stages(), recipe.optimizer(), recipe.adapt(), fresh, shards);
        @Nullable
        WeightAverage average = recipe.images().ema() > 0
                ? new WeightAverage(changing, recipe.images().ema())
                : null;
        ImageScorer scorer = new ImageScorer(network, form, size, arithmetic, views());
        return new ClassifierJob<>(
                store,
                average == null ? optimizer : new AveragedOptimizer(optimizer, average),
                average,
                step -> {
                    now[0] = step;
                    unfreezing.startStep(step);
                },
                batches,
                objective(network, taught),
                perEpoch,
                (held, which) -> scorer.logits(
                        Arrays.stream(which).map(i -> data.held(held)[i]).toArray()),
                taught == null ? 0 : taught.flopsBefore(),
                parameters(),
                data,
                folder -> save(store, folder),
                () -> {
                    if (taught != null) {
                        taught.close();
                    }
                });
    }

    private Objective<ImageBatch> objective(ImageNetwork network, @Nullable DistilledImages taught) {
        int labels = data.labels().size();
        @Nullable DistillSpec distill = recipe.distill();
        if (taught != null && distill != null) {
            return new ImageDistillation(
                    network, form, augmentations, labels, recipe.labelSmoothing(), taught.teacher(), distill);
        }
        return new ImageClassification(
                network,
                form,
                augmentations,
                labels,
                recipe.labelSmoothing(),
                recipe.images().selectiveBackprop());
    }

    /** The copies of an image that are looked at. */
    ImageScorer.Views views() {
        if (!recipe.images().testTimeAugmentation()) {
            return ImageScorer.Views.ONE;
        }
        return augmentations.mirrors() ? ImageScorer.Views.SHIFTED_AND_MIRRORED : ImageScorer.Views.SHIFTED;
    }

    private ClassifierJob<?> onFeatures(ImageNetwork network, ParameterStore store) {
        int labels = data.labels().size();
        // The last prefix alone: what stands before it in the stage is part of the features.
        List<String> last = network.stages().get(network.stages().size() - 1);
        String head = last.get(last.size() - 1);
        store.trainable().forEach((name, parameter) -> {
            if (!name.startsWith(head)) {
                parameter.requiresGrad(false);
            }
        });
        ImageScorer scorer = new ImageScorer(network, form, size, arithmetic, ImageScorer.Views.ONE);
        listener.message("the network is frozen: computing its features once");
        float[][] train = features(scorer, data.train(), "training features");
        float[][] validation = features(scorer, data.held(Held.VALIDATION), "validation features");
        LayerCounter counter = ImageNetworks.count(config, size, labels);
        int width = train[0].length;
        FeatureJobs.Batches batches = new FeatureJobs.Batches(
                train,
                Arrays.stream(data.train()).map(data::labelOf).toArray(),
                recipe.batch().global(),
                recipe.seed(),
                rows -> 4.0 * rows.length * width * labels);
        return new ClassifierJob<>(
                store,
                ImageParameterGroups.optimizer(
                        store.trainable(), network.stages(), recipe.optimizer(), recipe.adapt(), false, shards),
                null,
                step -> {},
                batches,
                new HeadClassification(network::classify, width, recipe.labelSmoothing()),
                batches.perEpoch(),
                (held, which) -> FeatureJobs.classify(
                        network::classify,
                        FeatureJobs.some(
                                held == Held.VALIDATION
                                        ? validation
                                        : features(scorer, data.held(held), "test features"),
                                which)),
                counter.forward() * data.train().length,
                parameters(),
                data,
                folder -> save(store, folder),
                () -> {});
    }

    private float[][] features(ImageScorer scorer, int[] images, String what) {
        listener.transferred(what, 0, images.length);
        return scorer.features(images);
    }

    private long parameters() {
        return ImageNetworks.count(config, size, data.labels().size()).parameters();
    }

    /** Writes a network in timm's layout. */
    void save(ParameterStore store, Path folder) {
        ObjectNode json = ImageNetworks.write(
                ImageNetworks.resizable(config) ? config.sized(size) : config, data.labels(), features(store));
        json.put(ImageClassifier.SIZE, size);
        json.put(ImageClassifier.VIEWS, views().name().toLowerCase(Locale.ROOT));
        try (TensorScope scope = TensorScope.open()) {
            TensorFiles.lend(LowRankAdaptation.merged(store), tensors -> ModelFolder.write(folder, json, tensors));
        }
    }

    /** Columns of the classifier's matrix, the last of the store. */
    private static int features(ParameterStore store) {
        long features = 0;
        for (Map.Entry<String, Tensor> parameter : store.all().entrySet()) {
            if (parameter.getKey().endsWith(".weight") && parameter.getValue().dim() == 2) {
                features = parameter.getValue().size(1);
            }
        }
        return (int) features;
    }
}
