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
        long seed) {
    /** Copies the list. */
    public Recipe {
        augment = List.copyOf(augment);
    }
}
