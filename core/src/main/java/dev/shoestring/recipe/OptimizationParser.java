package dev.shoestring.recipe;

import java.util.List;

/** Reads {@code batch}, {@code optimizer} and {@code schedule}. */
final class OptimizationParser {
    private static final List<String> LATER_OPTIMIZERS = List.of("sgd", "adam", "adafactor", "lion", "muon", "lamb");

    private OptimizationParser() {}

    static BatchSpec batch(Section recipe, AdaptSpec adapt) {
        Section batch = recipe.section("batch", "global", "micro", "by_length");
        if (adapt instanceof AdaptSpec.Head) {
            batch.noEffect("with adapt: head, whose steps are never split", "micro");
            batch.noEffect("with adapt: head, whose steps hold no text", "by_length");
        }
        int global = batch.integer("global", 32, 1, 1 << 20);
        int micro = batch.integer("micro", global, 1, 1 << 20);
        if (micro > global) {
            batch.problem(
                    "micro",
                    "(" + micro + ") must not be greater than batch.global (" + global + "); nearest: " + global);
        } else if (global % micro != 0) {
            batch.problem(
                    "global",
                    "(" + global + ") must be a multiple of batch.micro (" + micro + "); nearest: "
                            + Multiples.around(global, micro));
        }
        return new BatchSpec(global, micro, batch.flag("by_length", true));
    }

    static OptimizerSpec optimizer(Section recipe, AdaptSpec adapt) {
        Section optimizer = recipe.section(
                "optimizer", "kind", "lr", "head_lr", "weight_decay", "beta1", "beta2", "eps", "clip_norm");
        optimizer.choice("kind", "adamw", List.of("adamw"), LATER_OPTIMIZERS);
        if (adapt instanceof AdaptSpec.Head) {
            optimizer.noEffect("with adapt: head, which trains at optimizer.head_lr", "lr");
        }
        double lr = optimizer.number("lr", 2e-4, Range.positive(1));
        return new OptimizerSpec(
                lr,
                optimizer.number("head_lr", lr, Range.positive(1)),
                optimizer.number("weight_decay", 0.01, Range.closed(0, 1)),
                optimizer.number("beta1", 0.9, Range.share()),
                optimizer.number("beta2", 0.999, Range.share()),
                optimizer.number("eps", 1e-8, Range.positive(1)),
                optimizer.number("clip_norm", 1, Range.closed(0, 1e6)));
    }

    static ScheduleSpec schedule(Section recipe) {
        Section schedule = recipe.section("schedule", "kind", "epochs", "warmup");
        return new ScheduleSpec(
                schedule.choice("kind", ScheduleSpec.Kind.WARMUP_COSINE, List.of()),
                schedule.number("epochs", 3, Range.positive(10_000)),
                schedule.number("warmup", 0.1, Range.closed(0, 1)));
    }
}
