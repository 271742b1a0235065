package dev.shoestring.recipe;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole job: what is trained, on what, how, and when it stops. Every value is resolved: defaults have been filled in.
 *
 * @param name names the run's folder
 * @param task what the model is trained to do
 * @param model the network and its initial weights
 * @param data the labelled data
 * @param adapt which weights are trained
 * @param augment augmentations of the training texts, in order
 * @param precision arithmetic of training
 * @param device where it is trained
 * @param batch batch sizes
 * @param optimizer the optimizer and its rates
 * @param schedule length of training and shape of the learning rate
 * @param stop early stopping and budget
 * @param dropout probability of dropout in the encoder and before the classifier
 * @param labelSmoothing share of the target spread over all labels, in [0, 1)
 * @param baseline whether the bag-of-words baseline is trained first
 * @param seed seed of everything random
 * @param images what only image classification has
 * @param language what only language models have
 * @param distributed how several processes work together
 * @param distill what is learnt from another model's answers; null learns from labels alone
 */
public record Recipe(
        String name,
        Task task,
        ModelSpec model,
        DataSpec data,
        AdaptSpec adapt,
        List<AugmentSpec> augment,
        Precision precision,
        DeviceSpec device,
        BatchSpec batch,
        OptimizerSpec optimizer,
        ScheduleSpec schedule,
        StopSpec stop,
        double dropout,
        double labelSmoothing,
        boolean baseline,
        long seed,
        ImageSpec images,
        LanguageSpec language,
        DistributedSpec distributed,
        @Nullable DistillSpec distill) {
    /** Copies the list. */
    public Recipe {
        augment = List.copyOf(augment);
    }

    /** The same with another model. */
    public Recipe withModel(ModelSpec other) {
        return changed(draft -> draft.model = other);
    }

    /** The same with other data. */
    public Recipe withData(DataSpec other) {
        return changed(draft -> draft.data = other);
    }

    /** The same with another adaptation. */
    public Recipe withAdapt(AdaptSpec other) {
        return changed(draft -> draft.adapt = other);
    }

    /** The same with other augmentations. */
    public Recipe withAugment(List<AugmentSpec> other) {
        return changed(draft -> draft.augment = other);
    }

    /** The same with another precision. */
    public Recipe withPrecision(Precision other) {
        return changed(draft -> draft.precision = other);
    }

    /** The same with another batch. */
    public Recipe withBatch(BatchSpec other) {
        return changed(draft -> draft.batch = other);
    }

    /** The same with another optimizer. */
    public Recipe withOptimizer(OptimizerSpec other) {
        return changed(draft -> draft.optimizer = other);
    }

    /** The same with another schedule. */
    public Recipe withSchedule(ScheduleSpec other) {
        return changed(draft -> draft.schedule = other);
    }

    /** The same with another stop. */
    public Recipe withStop(StopSpec other) {
        return changed(draft -> draft.stop = other);
    }

    /** The same with another label smoothing. */
    public Recipe withLabelSmoothing(double other) {
        return changed(draft -> draft.labelSmoothing = other);
    }

    /** The same with or without the baseline. */
    public Recipe withBaseline(boolean other) {
        return changed(draft -> draft.baseline = other);
    }

    /** The same with another seed. */
    public Recipe withSeed(long other) {
        return changed(draft -> draft.seed = other);
    }

    /** The same with other settings for images. */
    public Recipe withImages(ImageSpec other) {
        return changed(draft -> draft.images = other);
    }

    /** The same with other settings for language models. */
    public Recipe withLanguage(LanguageSpec other) {
        return changed(draft -> draft.language = other);
    }

    /** The same with another way for several processes to work together. */
    public Recipe withDistributed(DistributedSpec other) {
        return changed(draft -> draft.distributed = other);
    }

    /** The same learnt from another model's answers, or from labels alone. */
    public Recipe withDistill(@Nullable DistillSpec other) {
        return changed(draft -> draft.distill = other);
    }

    /** The same under another name. */
    public Recipe withName(String other) {
        return changed(draft -> draft.name = other);
    }

    private Recipe changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.recipe();
    }

    /** A recipe's values while one of them is being changed; a record has no such thing in Java 17. */
    private static final class Draft {
        private String name;
        private final Task task;
        private ModelSpec model;
        private DataSpec data;
        private AdaptSpec adapt;
        private List<AugmentSpec> augment;
        private Precision precision;
        private final DeviceSpec device;
        private BatchSpec batch;
        private OptimizerSpec optimizer;
        private ScheduleSpec schedule;
        private StopSpec stop;
        private final double dropout;
        private double labelSmoothing;
        private boolean baseline;
        private long seed;
        private ImageSpec images;
        private LanguageSpec language;
        private DistributedSpec distributed;
        private @Nullable DistillSpec distill;

        Draft(Recipe from) {
            name = from.name;
            task = from.task;
            model = from.model;
            data = from.data;
            adapt = from.adapt;
            augment = from.augment;
            precision = from.precision;
            device = from.device;
            batch = from.batch;
            optimizer = from.optimizer;
            schedule = from.schedule;
            stop = from.stop;
            dropout = from.dropout;
            labelSmoothing = from.labelSmoothing;
            baseline = from.baseline;
            seed = from.seed;
            images = from.images;
            language = from.language;
            distributed = from.distributed;
            distill = from.distill;
        }

        Recipe recipe() {
            return new Recipe(
                    name,
                    task,
                    model,
                    data,
                    adapt,
                    augment,
                    precision,
                    device,
                    batch,
                    optimizer,
                    schedule,
                    stop,
                    dropout,
                    labelSmoothing,
                    baseline,
                    seed,
                    images,
                    language,
                    distributed,
                    distill);
        }
    }
}
