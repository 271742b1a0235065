package dev.shoestring.recipe;

import java.util.List;

/** Reads {@code distributed}: how several processes work together. */
final class DistributedParser {
    private static final int MOST_STEPS = 100_000;
    private static final int MOST_FRAGMENTS = 1024;

    private DistributedParser() {}

    static DistributedSpec read(Section recipe) {
        if (!recipe.has("distributed")) {
            return DistributedSpec.GRADIENTS;
        }
        DistributedSpec usual = DistributedSpec.GRADIENTS;
        Section section = recipe.section(
                "distributed", "compress", "shard", "local_steps", "outer_lr", "outer_momentum", "fragments");
        DistributedSpec spec = new DistributedSpec(
                section.choice("compress", "none", List.of("none", "bf16"), List.of("fp16", "int8"))
                        .equals("bf16"),
                section.choice("shard", DistributedSpec.Shard.NONE, List.of("gradients", "parameters")),
                section.integer("local_steps", 1, 1, MOST_STEPS),
                section.number("outer_lr", usual.outerRate(), Range.positive(10)),
                section.number("outer_momentum", usual.outerMomentum(), Range.share()),
                section.integer("fragments", 1, 1, MOST_FRAGMENTS));
        if (!spec.local()) {
            section.noEffect("with distributed.local_steps: 1", "outer_lr", "outer_momentum", "fragments");
        }
        if (spec.sharded() && spec.local()) {
            section.problem(
                    "shard",
                    "optimizer divides each step among the processes, but with distributed.local_steps ("
                            + spec.localSteps() + ") each does its own; leave out one of the two");
        }
        if (spec.sharded() && recipe.node("ema").asDouble(0) > 0) {
            section.problem(
                    "shard",
                    "optimizer cannot be combined with ema, whose average needs all parameters in the middle of a"
                            + " step; leave out one of the two");
        }
        if (spec.fragments() > spec.localSteps()) {
            section.problem(
                    "fragments",
                    "(" + spec.fragments() + ") must not be greater than distributed.local_steps (" + spec.localSteps()
                            + "), in which each is sent once; nearest: " + spec.localSteps());
        }
        return spec;
    }
}
