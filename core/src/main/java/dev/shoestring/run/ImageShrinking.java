package dev.shoestring.run;

import dev.shoestring.cost.LayerCounter;
import dev.shoestring.cost.Ledger;
import dev.shoestring.data.Held;
import dev.shoestring.data.ImageData;
import dev.shoestring.models.ChannelMap;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.optim.Schedule;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.ChannelBudget;
import dev.shoestring.shrink.ImageCut;
import dev.shoestring.shrink.ImageImportance;
import dev.shoestring.shrink.NormStatistics;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.EvaluationPlan;
import dev.shoestring.train.GradientSync;
import dev.shoestring.train.ImageBatch;
import dev.shoestring.train.ImageForm;
import dev.shoestring.train.ImageScorer;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.TrainingLoop;
import dev.shoestring.train.ValidationPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes smaller networks out of a trained image classifier: what matters, which sizes fit, cutting, measuring and briefly healing. */
final class ImageShrinking {
    private static final int CALIBRATION_IMAGES = 1024;
    private static final int CALIBRATION_BATCH = 16;
    private static final int STATISTICS_BATCH = 128;
    private static final int QUICK_IMAGES = 1000;

    /** Blocks are left out no further once what is left costs less than this share of the limit. */
    private static final double NEEDLESSLY_SMALL = 0.5;

    private final Recipe recipe;
    private final ImageInputs inputs;
    private final ImageData data;
    private final ImageClassifier source;
    private final Arithmetic arithmetic;
    private final RunListener listener;
    private final Ledger ledger;
    private final ChannelMap map;
    private final ImageForm form;
    private final int[] calibration;

    /**
     * Prepares.
     *
     * @param recipe how candidates heal: it learns the original's answers
     * @param source the network that is cut
     * @param ledger the work is added to it
     */
    ImageShrinking(
            Recipe recipe,
            ImageInputs inputs,
            ImageClassifier source,
            Arithmetic arithmetic,
            RunListener listener,
            Ledger ledger) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.data = inputs.data();
        this.source = source;
        this.arithmetic = arithmetic;
        this.listener = listener;
        this.ledger = ledger;
        this.map = ImageNetworks.channelMap(source.config());
        this.form = new ImageForm(data.store(), source.config());
        this.calibration = Arrays.copyOf(data.train(), Math.min(CALIBRATION_IMAGES, data.train().length));
    }

    /**
     * A candidate.
     *
     * @param cut what is kept
     * @param config its sizes
     * @param title what it is, in words
     */
    record Design(ImageCut cut, ImageConfig config, String title) {}

    /** What matters, by the loss and by the weights alone. */
    record Importance(ImageImportance taylor, ImageImportance magnitude) {}

    private LayerCounter counter(ImageConfig config) {
        return ImageNetworks.count(config, source.size(), source.labels().size());
    }

    /** Floating-point operations of a prediction, one view of the image. */
    double flops(ImageConfig config) {
        return counter(config).forward();
    }

    /** Those of training on an image. */
    double trainingFlops(ImageConfig config) {
        return counter(config).training(0);
    }

    long parameters(ImageConfig config) {
        return counter(config).parameters();
    }

    /** Measures what matters on some training images. */
    Importance importance() {
        int batches = Math.max(1, calibration.length / CALIBRATION_BATCH);
        ImageImportance taylor = ImageImportance.taylor(source.network(), source.store(), map, batches, batch -> {
            int[] images = part(batch, CALIBRATION_BATCH);
            int[] labels = Arrays.stream(images).map(data::labelOf).toArray();
            return new ImageImportance.Labelled(normalized(images), Tensor.of(labels, labels.length));
        });
        ledger.addFlops(calibration.length * trainingFlops(source.config()));
        return new Importance(taylor, ImageImportance.magnitude(source.store(), map, taylor));
    }

    private int[] part(int batch, int each) {
        return Arrays.copyOfRange(calibration, batch * each, Math.min(calibration.length, (batch + 1) * each));
    }

    private Tensor normalized(int[] images) {
        return form.normalized(form.pixels(form.gather(images), images.length), source.size());
    }

    private ChannelBudget budget(ShrinkTarget target) {
        ShrinkTarget.@Nullable Limit flops = target.flops();
        ShrinkTarget.@Nullable Limit parameters = target.parameters();
        double mostFlops = flops == null ? Double.MAX_VALUE : flops.of(flops(source.config()));
        double mostParameters = parameters == null ? Double.MAX_VALUE : parameters.of((double) parameters(source.config()));
        return new ChannelBudget(
                source.config(),
                map,
                config -> flops(config) <= mostFlops && parameters(config) <= mostParameters,
                flops == null ? this::parameters : this::flops);
    }

    /** The smallest network that can be cut. */
    ImageConfig smallest(Importance importance) {
        return budget(new ShrinkTarget(null, null)).smallest(importance.taylor());
    }

    /** The candidates within a target: for each choice of blocks, the ways to share out the channels that go. */
    List<Design> designs(ShrinkTarget target, Importance importance) {
        ChannelBudget budget = budget(target);
        Map<ImageCut, Design> designs = new LinkedHashMap<>();
        double best = 0;
        for (List<List<Integer>> blocks : budget.blocks(importance.taylor())) {
            double uncut = budget.price().applyAsDouble(new ImageCut(blocks, Map.of()).config(source.config()));
            if (uncut < NEEDLESSLY_SMALL * best) {
                break;
            }
            for (ChannelBudget.Division division : ChannelBudget.Division.values()) {
                add(designs, budget, blocks, division, importance.taylor(), division.words());
            }
            add(designs, budget, blocks, ChannelBudget.Division.EVENLY, importance.magnitude(), "evenly, by magnitude");
            best = designs.values().stream()
                    .mapToDouble(design -> budget.price().applyAsDouble(design.config()))
                    .max()
                    .orElse(0);
        }
        return List.copyOf(designs.values());
    }

    private void add(
            Map<ImageCut, Design> designs,
            ChannelBudget budget,
            List<List<Integer>> blocks,
            ChannelBudget.Division division,
            ImageImportance importance,
            String how) {
        Optional<ImageCut> found = budget.cut(blocks, division, importance);
        if (found.isPresent()) {
            ImageCut cut = found.get();
            String words = cut.channels().isEmpty() ? "" : ", " + how;
            designs.putIfAbsent(cut, new Design(cut, cut.config(source.config()), budget.words(cut) + words));
        }
    }

    /** Cuts a candidate out of the source and measures its normalizations' statistics anew. */
    ImageCandidate cut(Design design) {
        ImageCandidate candidate = new ImageCandidate(source, design.cut(), recipe.seed());
        if (!design.config().equals(source.config())) {
            int each = Math.min(STATISTICS_BATCH, calibration.length);
            int batches = calibration.length / each;
            NormStatistics.measure(
                    candidate.network(),
                    candidate.config(),
                    candidate.store(),
                    batches,
                    batch -> normalized(part(batch, each)));
            ledger.addFlops(calibration.length * flops(design.config()));
        }
        return candidate;
    }

    /** The watched metric of the original on the validation split. */
    double value() {
        return value(source.network(), source.config(), data.held(Held.VALIDATION), views(source.config()));
    }

    /** The watched metric of a candidate on the validation split. */
    double value(ImageCandidate candidate) {
        return value(candidate.network(), candidate.config(), data.held(Held.VALIDATION), views(candidate.config()));
    }

    /** As {@link #value}, of one view of a part of the split. */
    double quickValue(ImageCandidate candidate) {
        int[] all = data.held(Held.VALIDATION);
        int every = Math.max(1, all.length / QUICK_IMAGES);
        int[] some =
                IntStream.range(0, all.length / every).map(i -> all[i * every]).toArray();
        return value(candidate.network(), candidate.config(), some, ImageScorer.Views.ONE);
    }

    private ImageScorer.Views views(ImageConfig config) {
        return jobs(config).views();
    }

    private double value(ImageNetwork network, ImageConfig config, int[] images, ImageScorer.Views views) {
        int[] labels = Arrays.stream(images).map(data::labelOf).toArray();
        float[][] logits = new ImageScorer(
                        network, new ImageForm(data.store(), config), source.size(), arithmetic, views)
                .logits(images);
        ledger.addFlops(images.length * flops(config) * views.count());
        return ValidationPlan.value(recipe.stop().metric(), Measurement.of(ClassificationMetrics.of(logits, labels)));
    }

    private ImageJobs jobs(ImageConfig config) {
        return new ImageJobs(recipe, inputs, config, source.size(), arithmetic, listener);
    }

    /** Trains a candidate for so many steps on the original's answers, and says why it ended. */
    StopReason heal(ImageCandidate candidate, int steps, RunControl control) {
        ClassifierJob<ImageBatch> job = jobs(candidate.config()).onImages(candidate.network(), candidate.store());
        try {
            return new TrainingLoop<>(
                            job.batches(),
                            job.objective(),
                            arithmetic,
                            job.optimizer(),
                            Schedule.of(recipe.schedule(), steps),
                            recipe.optimizer().clipNorm(),
                            GradientSync.none(),
                            EvaluationPlan.none(),
                            List.of(new FlopsCounter(ledger)))
                    .run(0, control);
        } finally {
            job.optimizer().close();
            job.free().run();
        }
    }

    /** Writes a candidate in timm's layout. */
    void save(ImageCandidate candidate, Path folder) {
        jobs(candidate.config()).save(candidate.store(), folder);
    }

    /** Names of the architecture's groups and their channels, for reports. */
    List<String> widths(ImageConfig config) {
        List<String> widths = new ArrayList<>();
        ChannelMap own = ImageNetworks.channelMap(config);
        own.groups().forEach(group -> widths.add(group + " " + own.size(group)));
        return widths;
    }
}
