package dev.shoestring.run;

import dev.shoestring.data.ImageData;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.models.ImageShapes;
import dev.shoestring.models.PixelNetwork;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.train.Arithmetic;
import org.jspecify.annotations.Nullable;

/** What a run on images reads before it starts: the model's files and the images. */
final class ImageInputs implements ClassifierInputs {
    /** A network with a place for each patch is best at the size it was trained on. */
    private static final int LARGEST_DEFAULT = 224;
    /** Frozen features of photographs told labels apart as well at 128 pixels as at 224, and worse at 96 (docs/experiments.md, 2026-11-24). */
    private static final int CONVOLUTIONAL_DEFAULT = 128;

    private final Recipe recipe;
    private final RunListener listener;
    private final ImageData data;
    private final @Nullable ModelFiles model;
    private @Nullable ImageConfig config;

    private ImageInputs(Recipe recipe, RunListener listener, ImageData data, @Nullable ModelFiles model) {
        this.recipe = recipe;
        this.listener = listener;
        this.data = data;
        this.model = model;
    }

    static ImageInputs of(Recipe recipe, RunListener listener) {
        LibTorch.loadAhead();
        @Nullable
        ModelFiles model = recipe.model() instanceof ModelSpec.Pretrained pretrained
                ? Models.open(pretrained.from(), listener::transferred)
                : null;
        try {
            @Nullable Integer size = recipe.images().size();
            @Nullable Integer channels = null;
            if (model != null) {
                ImageConfig config = ImageNetworks.read(model.config(), model.source());
                channels = config.channels();
                size = size == null ? Integer.valueOf(defaultSize(config)) : size;
            }
            ImageData data = ImageData.load(
                    recipe.data(),
                    new ImageData.Form(size, channels, recipe.images().mostBroken()),
                    recipe.seed(),
                    (done, all) -> listener.transferred("images decoded", done, all));
            return new ImageInputs(recipe, listener, data, model);
        } catch (RuntimeException refused) {
            if (model != null) {
                model.close();
            }
            throw refused;
        }
    }

    /** The size of images for a pre-trained network, pixels, where none is asked for. */
    static int defaultSize(ImageConfig config) {
        return Math.min(ImageNetworks.resizable(config) ? CONVOLUTIONAL_DEFAULT : LARGEST_DEFAULT, config.size());
    }

    @Override
    public ImageData data() {
        return data;
    }

    /** The model's files, if the recipe names some. */
    @Nullable
    ModelFiles model() {
        return model;
    }

    /** Height and width that the network is to see, pixels. */
    int size() {
        @Nullable Integer asked = recipe.images().size();
        return asked == null ? data.store().size() : asked;
    }

    /** What the network is made for; new networks are normalized by the training images. */
    ImageConfig config() {
        @Nullable ImageConfig known = config;
        if (known == null) {
            known = readConfig();
            config = known;
        }
        return known;
    }

    private ImageConfig readConfig() {
        if (model != null) {
            ImageConfig stored = ImageNetworks.read(model.config(), model.source());
            requireSize(stored.architecture());
            return stored;
        }
        ModelSpec.FreshImageNetwork fresh = (ModelSpec.FreshImageNetwork) recipe.model();
        requireSize(fresh.architecture());
        ImageStatistics statistics = ImageStatistics.of(data);
        ImageConfig whole = new ImageConfig(
                fresh.architecture(),
                data.store().channels(),
                size(),
                statistics.mean(),
                statistics.standardDeviation(),
                fresh.width(),
                1e-5,
                false);
        return ImageShapes.shaped(whole, fresh.blocks(), fresh.channels(), "model.");
    }

    private void requireSize(String architecture) {
        int smallest = ImageNetworks.smallest(architecture);
        if (size() < smallest) {
            throw new InputException("data.size: " + architecture + " needs at least " + smallest
                    + " pixels, but images have " + size() + "; set data.size: " + smallest);
        }
    }

    @Override
    public String fingerprint() {
        return data.contents();
    }

    @Override
    public void awaitModel() {
        config();
        @Nullable DistillSpec distill = recipe.distill();
        if (distill != null) {
            DistilledImages.requireLabels(distill, data.labels());
        }
    }

    @Override
    public Baseline baseline() {
        return PixelBaseline.train(data, recipe);
    }

    @Override
    public boolean baselineOnly() {
        return recipe.model() instanceof ModelSpec.FreshImageNetwork fresh
                && fresh.architecture().equals(PixelNetwork.NAME);
    }

    @Override
    public ClassifierJob<?> job(Arithmetic arithmetic, Shards shards, MemorySpec measures) {
        return new ImageJobs(recipe, this, arithmetic, shards, listener).make();
    }

    @Override
    public String modelName() {
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained) {
            return pretrained.from();
        }
        return ((ModelSpec.FreshImageNetwork) recipe.model()).architecture() + " (random weights)";
    }

    @Override
    public void close() {
        if (model != null) {
            model.close();
        }
    }
}
