package dev.shoestring.recipe;

import java.util.ArrayList;
import java.util.List;

/** Reads {@code batch}, {@code optimizer} and {@code schedule}. */
final class OptimizationParser {
    private static final List<String> LATER_OPTIMIZERS = List.of("adam", "adafactor", "lion", "lamb");

    private static final double ADAMW_RATE = 2e-4;

    /** Muon's for the matrices of an encoder (docs/experiments.md). */
    private static final double ORTHOGONAL_TEXT_RATE = 5e-3;

    /** Rates of SGD and Muon are of another scale than AdamW's. */
    private static final double LARGEST_ORTHOGONAL_RATE = 10;

    private OptimizationParser() {}

    static BatchSpec batch(Section recipe, Task task, AdaptSpec adapt) {
        Section batch = recipe.section("batch", "global", "micro", "by_length");
        if (adapt instanceof AdaptSpec.Head) {
            batch.noEffect("with adapt: head, whose steps are never split", "micro");
            batch.noEffect("with adapt: head, whose steps hold no text", "by_length");
        }
        if (task == Task.IMAGE_CLASSIFICATION) {
            batch.noEffect("with task: image-classification, whose images are all of one size", "by_length");
        }
        if (task.language()) {
            batch.noEffect("with task: " + task.key() + ", which sorts by length or packs by itself", "by_length");
        }
        int global = batch.integer("global", task.language() ? 16 : 32, 1, 1 << 20);
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

    static OptimizerSpec optimizer(Section recipe, Task task, AdaptSpec adapt) {
        Section optimizer = recipe.section(
                "optimizer", "kind", "lr", "head_lr", "weight_decay", "beta1", "beta2", "eps", "momentum", "clip_norm");
        OptimizerSpec.Kind kind = kind(optimizer, task, adapt);
        if (kind == OptimizerSpec.Kind.SGD) {
            optimizer.noEffect("with optimizer.kind: sgd", "beta1", "beta2", "eps");
        } else if (kind == OptimizerSpec.Kind.ADAMW) {
            optimizer.noEffect("with optimizer.kind: adamw", "momentum");
        }
        if (adapt instanceof AdaptSpec.Head) {
            optimizer.noEffect("with adapt: head, which trains at optimizer.head_lr", "lr");
        }
        boolean orthogonalTexts = kind == OptimizerSpec.Kind.MUON && task == Task.TEXT_CLASSIFICATION;
        double lr = optimizer.number(
                "lr",
                orthogonalTexts ? ORTHOGONAL_TEXT_RATE : ADAMW_RATE,
                Range.positive(kind == OptimizerSpec.Kind.ADAMW ? 1 : LARGEST_ORTHOGONAL_RATE));
        return new OptimizerSpec(
                kind,
                lr,
                optimizer.number("head_lr", orthogonalTexts ? ADAMW_RATE : Math.min(1, lr), Range.positive(1)),
                optimizer.number("weight_decay", 0.01, Range.closed(0, 1)),
                optimizer.number("beta1", 0.9, Range.share()),
                optimizer.number("beta2", task.language() ? 0.95 : 0.999, Range.share()),
                optimizer.number("eps", 1e-8, Range.positive(1)),
                optimizer.number("momentum", task.language() || orthogonalTexts ? 0.95 : 0.9, Range.share()),
                optimizer.number("clip_norm", 1, Range.closed(0, 1e6)));
    }

    private static OptimizerSpec.Kind kind(Section optimizer, Task task, AdaptSpec adapt) {
        if (task.language() || (task == Task.IMAGE_CLASSIFICATION && !(adapt instanceof AdaptSpec.Head))) {
            return optimizer.choice("kind", OptimizerSpec.Kind.ADAMW, LATER_OPTIMIZERS);
        }
        boolean muon = task == Task.TEXT_CLASSIFICATION && adapt instanceof AdaptSpec.Full;
        List<String> later = new ArrayList<>(LATER_OPTIMIZERS);
        later.addAll(muon ? List.of("sgd") : List.of("sgd", "muon"));
        String kind = optimizer.choice("kind", "adamw", muon ? List.of("adamw", "muon") : List.of("adamw"), later);
        return kind.equals("muon") ? OptimizerSpec.Kind.MUON : OptimizerSpec.Kind.ADAMW;
    }

    static ScheduleSpec schedule(Section recipe) {
        Section schedule = recipe.section("schedule", "kind", "epochs", "warmup", "cooldown", "min_steps");
        ScheduleSpec.Kind kind = schedule.choice("kind", ScheduleSpec.Kind.WARMUP_COSINE, List.of());
        if (kind != ScheduleSpec.Kind.TRAPEZOID) {
            schedule.noEffect("without schedule.kind: trapezoid", "cooldown");
        }
        return new ScheduleSpec(
                kind,
                schedule.number("epochs", 3, Range.positive(10_000)),
                schedule.number("warmup", 0.1, Range.closed(0, 1)),
                schedule.number("cooldown", ScheduleSpec.COOLDOWN, Range.closed(0, 1)),
                schedule.integer("min_steps", 0, 0, 1_000_000));
    }
}
