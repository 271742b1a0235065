package dev.shoestring.recipe;

import java.util.List;

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
 * @param batch batch sizes
 * @param optimizer the optimizer and its rates
 * @param schedule length of training and shape of the learning rate
 * @param stop early stopping and budget
 * @param dropout probability of dropout in the encoder and before the classifier
 * @param labelSmoothing share of the target spread over all labels, in [0, 1)
 * @param baseline whether the bag-of-words baseline is trained first
 * @param seed seed of everything random
 * @param images what only image classification has
 */
public record Recipe(
        String name,
        Task task,
        ModelSpec model,
        DataSpec data,
        AdaptSpec adapt,
        List<AugmentSpec> augment,
        Precision precision,
        BatchSpec batch,
        OptimizerSpec optimizer,
        ScheduleSpec schedule,
        StopSpec stop,
        double dropout,
        double labelSmoothing,
        boolean baseline,
        long seed,
        ImageSpec images) {
    /** Copies the list. */
    public Recipe {
        augment = List.copyOf(augment);
    }

    /** The same with another model. */
    public Recipe withModel(ModelSpec other) {
        return new Recipe(
                name,
                task,
                other,
                data,
                adapt,
                augment,
                precision,
                batch,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with other data. */
    public Recipe withData(DataSpec other) {
        return new Recipe(
                name,
                task,
                model,
                other,
                adapt,
                augment,
                precision,
                batch,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with another adaptation. */
    public Recipe withAdapt(AdaptSpec other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                other,
                augment,
                precision,
                batch,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with other augmentations. */
    public Recipe withAugment(List<AugmentSpec> other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                other,
                precision,
                batch,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with another precision. */
    public Recipe withPrecision(Precision other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                augment,
                other,
                batch,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with another batch. */
    public Recipe withBatch(BatchSpec other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                augment,
                precision,
                other,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with another optimizer. */
    public Recipe withOptimizer(OptimizerSpec other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                augment,
                precision,
                batch,
                other,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with another schedule. */
    public Recipe withSchedule(ScheduleSpec other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                augment,
                precision,
                batch,
                optimizer,
                other,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with another stop. */
    public Recipe withStop(StopSpec other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                augment,
                precision,
                batch,
                optimizer,
                schedule,
                other,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                images);
    }

    /** The same with another label smoothing. */
    public Recipe withLabelSmoothing(double other) {
        return new Recipe(
                name, task, model, data, adapt, augment, precision, batch, optimizer, schedule, stop, dropout, other,
                baseline, seed, images);
    }

    /** The same with or without the baseline. */
    public Recipe withBaseline(boolean other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                augment,
                precision,
                batch,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                other,
                seed,
                images);
    }

    /** The same with another seed. */
    public Recipe withSeed(long other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                augment,
                precision,
                batch,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                other,
                images);
    }

    /** The same with other settings for images. */
    public Recipe withImages(ImageSpec other) {
        return new Recipe(
                name,
                task,
                model,
                data,
                adapt,
                augment,
                precision,
                batch,
                optimizer,
                schedule,
                stop,
                dropout,
                labelSmoothing,
                baseline,
                seed,
                other);
    }
}
