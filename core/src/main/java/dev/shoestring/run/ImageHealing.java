package dev.shoestring.run;

import dev.shoestring.cost.Ledger;
import dev.shoestring.data.Held;
import dev.shoestring.data.ImageData;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Schedule;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.NormStatistics;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.EvaluationPlan;
import dev.shoestring.train.GradientSync;
import dev.shoestring.train.ImageBatch;
import dev.shoestring.train.ImageBatches;
import dev.shoestring.train.ImageForm;
import dev.shoestring.train.ImageScorer;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.TrainingLoop;
import dev.shoestring.train.ValidationPlan;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** How cut image classifiers are measured, briefly healed and written. A class and no record, for its array is compared nowhere. */
final class ImageHealing {
    private static final int STATISTICS_BATCH = 128;
    private static final int QUICK_IMAGES = 1000;

    /** A candidate heals briefly for at most this share of an epoch, unless that is fewer steps than {@link #FEWEST_STEPS}. */
    private static final double BRIEF_EPOCHS = 0.2;

    private static final int FEWEST_STEPS = 8;

    private final Recipe recipe;
    private final ImageInputs inputs;
    private final int size;
    private final int[] calibration;
    private final Arithmetic arithmetic;
    private final RunListener listener;
    private final Ledger ledger;

    /**
     * Prepares.
     *
     * @param recipe how they heal: they learn the original's answers
     * @param size height and width that they see, pixels
     * @param calibration training images by which statistics are measured
     * @param ledger the work is added to it
     */
    ImageHealing(
            Recipe recipe,
            ImageInputs inputs,
            int size,
            int[] calibration,
            Arithmetic arithmetic,
            RunListener listener,
            Ledger ledger) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.size = size;
        this.calibration = calibration;
        this.arithmetic = arithmetic;
        this.listener = listener;
        this.ledger = ledger;
    }

    /** How many images there are to measure by. */
    int calibrationImages() {
        return calibration.length;
    }

    long seed() {
        return recipe.seed();
    }

    private ImageData data() {
        return inputs.data();
    }

    private double flops(ImageConfig config) {
        return ImageNetworks.count(config, size, data().labels().size()).forward();
    }

    /** The calibration images of one of the batches of {@code each}, without a smaller last one. */
    Tensor batch(ImageConfig config, int batch, int each) {
        int[] images = part(batch, each);
        ImageForm form = new ImageForm(data().store(), config);
        return form.normalized(form.pixels(form.gather(images), images.length), size);
    }

    /** As {@link #batch}, their numbers. */
    int[] part(int batch, int each) {
        return Arrays.copyOfRange(calibration, batch * each, (batch + 1) * each);
    }

    /** Measures the statistics of a cut network's normalizations. */
    void normalize(ImageNetwork network, ImageConfig config, ParameterStore store) {
        int each = Math.min(STATISTICS_BATCH, calibration.length);
        NormStatistics.measure(network, config, store, calibration.length / each, batch -> batch(config, batch, each));
        ledger.addFlops(calibration.length * flops(config));
    }

    /** The watched metric on the validation split, of as many views as the recipe asks for. */
    double value(ImageNetwork network, ImageConfig config) {
        return value(network, config, data().held(Held.VALIDATION), jobs(config).views());
    }

    /** The watched metric of one view of a part of the validation split. */
    double quickValue(ImageNetwork network, ImageConfig config) {
        int[] all = data().held(Held.VALIDATION);
        int every = Math.max(1, all.length / QUICK_IMAGES);
        int[] some =
                IntStream.range(0, all.length / every).map(i -> all[i * every]).toArray();
        return value(network, config, some, ImageScorer.Views.ONE);
    }

    private double value(ImageNetwork network, ImageConfig config, int[] images, ImageScorer.Views views) {
        int[] labels = Arrays.stream(images).map(data()::labelOf).toArray();
        ImageScorer scorer = new ImageScorer(network, new ImageForm(data().store(), config), size, arithmetic, views);
        float[][] logits = scorer.logits(images);
        ledger.addFlops(images.length * flops(config) * views.count());
        return ValidationPlan.value(recipe.stop().metric(), Measurement.of(ClassificationMetrics.of(logits, labels)));
    }

    private ImageJobs jobs(ImageConfig config) {
        return new ImageJobs(recipe, inputs, config, size, arithmetic, Shards.WHOLE, listener);
    }

    /** How many of the steps that a brief healing may take it does take: in a small data set a few steps are epochs. */
    int briefSteps(int most) {
        return briefSteps(
                most,
                ImageBatches.stepsPerEpoch(data().train().length, recipe.batch().global()));
    }

    static int briefSteps(int most, int perEpoch) {
        return Math.min(most, Math.max(FEWEST_STEPS, (int) Math.ceil(BRIEF_EPOCHS * perEpoch)));
    }

    /** Trains a network for so many steps on the original's answers, and says why it ended. */
    StopReason heal(ImageNetwork network, ImageConfig config, ParameterStore store, int steps, RunControl control) {
        ClassifierJob<ImageBatch> job = jobs(config).onImages(network, store);
        ledger.addFlops(job.preparationFlops());
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
            // The store is the candidate's.
            job.optimizer().close();
            job.free().run();
        }
    }

    /** Writes a network in timm's layout. */
    void save(ImageConfig config, ParameterStore store, Path folder) {
        jobs(config).save(store, folder);
    }
}
