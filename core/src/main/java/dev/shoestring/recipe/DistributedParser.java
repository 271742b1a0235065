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
        Section section =
                recipe.section("distributed", "compress", "local_steps", "outer_lr", "outer_momentum", "fragments");
        DistributedSpec spec = new DistributedSpec(
                section.choice("compress", "none", List.of("none", "bf16"), List.of("fp16", "int8"))
                        .equals("bf16"),
                section.integer("local_steps", 1, 1, MOST_STEPS),
                section.number("outer_lr", usual.outerRate(), Range.positive(10)),
                section.number("outer_momentum", usual.outerMomentum(), Range.share()),
                section.integer("fragments", 1, 1, MOST_FRAGMENTS));
        if (!spec.local()) {
            section.noEffect("with distributed.local_steps: 1", "outer_lr", "outer_momentum", "fragments");
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
