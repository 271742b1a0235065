package dev.shoestring.run;

import dev.shoestring.cost.LayerCounter;
import dev.shoestring.data.Held;
import dev.shoestring.data.ImageData;
import dev.shoestring.models.ChannelMap;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.shrink.ChannelBudget;
import dev.shoestring.shrink.ImageCut;
import dev.shoestring.shrink.ImageImportance;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ImageBatches;
import dev.shoestring.train.ImageForm;
import dev.shoestring.train.ImageScorer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Smaller networks out of a trained convolutional classifier of images. Not safe for several threads at once. */
final class ImageShrinking implements Shrinkable {
    private static final int TRIES = 3;
    private static final int CALIBRATION_IMAGES = 1024;
    private static final int CALIBRATION_BATCH = 16;
    private static final int PREDICTED_AT_ONCE = 64;

    /** Blocks are left out no further once what is left costs less than this share of the largest candidate. */
    private static final double NEEDLESSLY_SMALL = 0.5;

    private final ShrinkSetup setup;
    private final Recipe healing;
    private final ImageData data;
    private final ImageClassifier source;
    private final ChannelMap map;
    private final ImageHealing candidates;
    private @Nullable Importance importance;

    private ImageShrinking(ShrinkSetup setup, ImageInputs inputs, ImageClassifier source, ChannelMap map) {
        this.setup = setup;
        this.data = inputs.data();
        this.source = source;
        this.map = map;
        Recipe recipe = setup.recipe();
        Path teacher = RunFolder.modelOf(setup.original()).toAbsolutePath();
        this.healing = recipe.withAdapt(new AdaptSpec.Full(false))
                .withModel(new ModelSpec.Pretrained(teacher.toString()))
                .withImages(recipe.images().withoutSelection().ofSize(source.size()))
                .withDistill(new DistillSpec(
                        teacher.toString(), DistillSpec.TEMPERATURE, DistillSpec.HARD_WEIGHT, 0, 0, null));
        int[] train = data.train();
        this.candidates = new ImageHealing(
                healing,
                inputs,
                source.size(),
                Arrays.copyOf(train, Math.min(CALIBRATION_IMAGES, train.length)),
                Trainer.arithmetic(recipe.precision()),
                setup.listener(),
                setup.ledger());
    }

    /**
     * Opens the original.
     *
     * @throws InputException if it is no convolutional classifier that can be cut, or has other labels than the data
     */
    static ImageShrinking open(ShrinkSetup setup, ImageInputs inputs) {
        Path original = setup.original();
        ImageClassifier source = ImageClassifier.open(original);
        try {
            if (!source.labels().equals(inputs.data().labels())) {
                throw new InputException(original + ": tells apart " + source.labels() + ", but the data of "
                        + setup.recipe().name() + " has " + inputs.data().labels()
                        + "; give the recipe that this model was trained by");
            }
            return new ImageShrinking(setup, inputs, source, channelMap(source.config(), original.toString()));
        } catch (RuntimeException refused) {
            source.close();
            throw refused;
        }
    }

    /**
     * Which channels of a network belong together.
     *
     * @param whose what the message names
     * @throws InputException if it is no network that can be cut
     */
    static ChannelMap channelMap(ImageConfig config, String whose) {
        try {
            return ImageNetworks.channelMap(config);
        } catch (InputException refused) {
            throw new InputException("shrink: " + whose + ": " + refused.getMessage(), refused);
        }
    }

    @Override
    public void prepare() {
        // The original answers on the fly: each image is augmented anew.
    }

    @Override
    public double value() {
        return candidates.value(source.network(), source.config());
    }

    /**
     * A network that could be cut.
     *
     * @param of where it is cut out
     * @param kept what is kept
     * @param title what it is, in words
     */
    private record ImageDesign(ImageShrinking of, ImageCut kept, String title) implements Design {
        @Override
        public Size size() {
            return of.size(kept.config(of.source.config()));
        }

        @Override
        public Object kin() {
            return kept.blocks();
        }

        @Override
        public Cut cut() {
            return new ImageCandidate(of.source, kept, of.candidates);
        }
    }

    private LayerCounter counter(ImageConfig config) {
        return ImageNetworks.count(config, source.size(), source.labels().size());
    }

    private Size size(ImageConfig config) {
        LayerCounter counter = counter(config);
        return new Size(counter.parameters(), counter.forward());
    }

    @Override
    public Size size() {
        return size(source.config());
    }

    @Override
    public Size smallest() {
        return size(budget(new ShrinkTarget(null, null)).smallest(importance().taylor()));
    }

    @Override
    public double originalTrainingFlops() {
        int perEpoch = ImageBatches.stepsPerEpoch(
                data.train().length, setup.recipe().batch().global());
        return setup.recipe().schedule().epochs(perEpoch)
                * data.train().length
                * counter(source.config()).training(0);
    }

    @Override
    public double passFlops(double predictionFlops, Path cut) {
        LayerCounter full = counter(source.config());
        // A small network's training takes as many times its prediction as the original's does; the original answers
        // besides.
        return data.train().length * (predictionFlops * full.training(0) / full.forward() + full.forward());
    }

    private ChannelBudget budget(ShrinkTarget target) {
        ShrinkTarget.@Nullable Limit flops = target.flops();
        ShrinkTarget.@Nullable Limit parameters = target.parameters();
        double mostFlops = flops == null ? Double.MAX_VALUE : flops.of(size().flops());
        double mostParameters = parameters == null ? Double.MAX_VALUE : parameters.of((double) size().parameters());
        return new ChannelBudget(
                source.config(),
                map,
                config -> size(config).flops() <= mostFlops && size(config).parameters() <= mostParameters,
                flops == null
                        ? config -> (double) size(config).parameters()
                        : config -> size(config).flops());
    }

    @Override
    public boolean possible(ShrinkTarget target) {
        ChannelBudget budget = budget(target);
        return budget.fits().test(budget.smallest(importance().taylor()));
    }

    @Override
    public List<? extends Design> designs(ShrinkTarget target) {
        ChannelBudget budget = budget(target);
        ImageImportance taylor = importance().taylor();
        Map<ImageCut, ImageDesign> designs = new LinkedHashMap<>();
        double largest = 0;
        for (List<List<Integer>> blocks : budget.blocks(taylor)) {
            ImageCut whole = new ImageCut(blocks, Map.of());
            if (budget.price().applyAsDouble(whole.config(source.config())) < NEEDLESSLY_SMALL * largest) {
                break;
            }
            for (ChannelBudget.Division division : ChannelBudget.Division.values()) {
                add(designs, budget, budget.cut(blocks, division, taylor), division.words());
            }
            add(
                    designs,
                    budget,
                    budget.cut(
                            blocks, ChannelBudget.Division.EVENLY, importance().magnitude()),
                    "evenly, by magnitude");
            for (ImageDesign design : designs.values()) {
                largest = Math.max(
                        largest, budget.price().applyAsDouble(design.kept().config(source.config())));
            }
        }
        return List.copyOf(designs.values());
    }

    private void add(Map<ImageCut, ImageDesign> designs, ChannelBudget budget, Optional<ImageCut> found, String how) {
        if (found.isPresent()) {
            ImageCut cut = found.get();
            String words = cut.channels().isEmpty() ? "" : ", " + how;
            designs.putIfAbsent(cut, new ImageDesign(this, cut, budget.words(cut) + words));
        }
    }

    /** What matters, by the loss and by the weights alone. */
    private record Importance(ImageImportance taylor, ImageImportance magnitude) {}

    private Importance importance() {
        if (importance == null) {
            importance = measured();
        }
        return importance;
    }

    /** Measures what matters on some training images. */
    private Importance measured() {
        setup.listener().message("measuring what matters");
        int images = candidates.calibrationImages();
        int each = Math.min(CALIBRATION_BATCH, images);
        ImageImportance taylor = ImageImportance.taylor(source.network(), source.store(), map, images / each, batch -> {
            int[] labels = Arrays.stream(candidates.part(batch, each))
                    .map(data::labelOf)
                    .toArray();
            return new ImageImportance.Labelled(
                    candidates.batch(source.config(), batch, each), Tensor.of(labels, labels.length));
        });
        setup.ledger().addFlops(images * counter(source.config()).training(0));
        return new Importance(taylor, ImageImportance.magnitude(source.store(), map, taylor));
    }

    @Override
    public Recipe healing(Path cut) {
        return healing.withModel(new ModelSpec.Pretrained(cut.toAbsolutePath().toString()));
    }

    @Override
    public ShrinkReport.Network measure(Path runOrModel, double value, double test) {
        try (ImageClassifier opened = ImageClassifier.open(runOrModel)) {
            int[] images = data.held(Held.VALIDATION);
            ImageScorer scorer = new ImageScorer(
                    opened.network(),
                    new ImageForm(data.store(), opened.config()),
                    opened.size(),
                    Arithmetic.FP32,
                    opened.views());
            PredictionCost cost = PredictionCost.measure(
                    (from, to) -> {
                        for (int at = from; at < to; at += PREDICTED_AT_ONCE) {
                            scorer.logits(Arrays.copyOfRange(images, at, Math.min(to, at + PREDICTED_AT_ONCE)));
                        }
                    },
                    images.length,
                    setup.prices());
            ChannelMap own = ImageNetworks.channelMap(opened.config());
            Map<String, Long> sizes = new LinkedHashMap<>();
            if (!own.stages().isEmpty()) {
                sizes.put(
                        "blocks",
                        own.stages().stream()
                                .mapToLong(stage -> stage.blocks().size())
                                .sum());
            }
            sizes.put("channels", own.groups().stream().mapToLong(own::size).sum());
            return cost.network(RunFolder.modelOf(runOrModel), sizes, size(opened.config()), value, test);
        }
    }

    @Override
    public boolean dearToCut() {
        return false;
    }

    @Override
    public int tries() {
        return TRIES;
    }

    @Override
    public String unit() {
        return "image";
    }

    @Override
    public void close() {
        source.close();
    }
}
