package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/** Reads {@code distill}: what a classifier or a language model learns from another model's answers. */
final class DistillParser {
    private static final double HOTTEST = 100;
    private static final double HEAVIEST = 1000;
    private static final int MOST_TEXTS = 10_000_000;
    private static final int MOST_HEADS = 4096;
    private static final int MOST_LAYERS = 1000;

    private DistillParser() {}

    static @Nullable DistillSpec read(Section recipe, Task task, ModelSpec model, AdaptSpec adapt, DataSpec data) {
        if (!recipe.has("distill")) {
            return null;
        }
        if (task == Task.LANGUAGE_MODEL || task == Task.CHAT) {
            return tokens(recipe, task, adapt);
        }
        if (task == Task.IMAGE_CLASSIFICATION) {
            return images(recipe, model, adapt);
        }
        if (task != Task.TEXT_CLASSIFICATION) {
            recipe.problem("distill", "is not for task: " + task.key() + " in this version; remove it");
            return null;
        }
        if (model instanceof ModelSpec.FreshBagOfWords || adapt instanceof AdaptSpec.Head) {
            recipe.problem("distill", "needs a network of the BERT family that is trained whole; nearest: adapt: full");
            return null;
        }
        Section section = recipe.section(
                "distill",
                "teacher",
                "temperature",
                "hard_weight",
                "hidden_weight",
                "unlabelled",
                "scores",
                "relations_weight",
                "relation_heads",
                "relation_layer");
        String teacher = section.text("teacher");
        if (teacher == null) {
            section.problem("teacher", "is required: a run or a model folder");
        }
        DistillSpec spec = new DistillSpec(
                        teacher == null ? "" : teacher,
                        section.number("temperature", DistillSpec.TEMPERATURE, Range.closed(1, HOTTEST)),
                        section.number("hard_weight", DistillSpec.HARD_WEIGHT, Range.closed(0, 1)),
                        section.number("hidden_weight", DistillSpec.HIDDEN_WEIGHT, Range.closed(0, HEAVIEST)),
                        section.integer("unlabelled", 0, 0, MOST_TEXTS),
                        section.has("scores") ? section.text("scores") : null)
                .withRelations(relations(section));
        if (spec.unlabelled() > 0 && data.trainExamples() == null) {
            section.problem(
                    "unlabelled",
                    "takes rows beyond data.train_examples, and there is no such limit; set data.train_examples or remove it");
        }
        if (!recipe.node("augment").isEmpty()) {
            recipe.problem(
                    "augment",
                    "is not possible with distill, whose teacher answers each text once; remove one of the two");
        }
        return spec;
    }

    private static DistillSpec.Relations relations(Section section) {
        double weight = section.number("relations_weight", 0, Range.closed(0, HEAVIEST));
        if (weight == 0) {
            section.noEffect("with distill.relations_weight: 0", "relation_heads", "relation_layer");
        }
        return new DistillSpec.Relations(
                weight,
                section.integer("relation_heads", 0, 0, MOST_HEADS),
                section.integer("relation_layer", 0, 0, MOST_LAYERS));
    }

    private static DistillSpec tokens(Section recipe, Task task, AdaptSpec adapt) {
        Section section =
                recipe.section("distill", "teacher", "temperature", "hard_weight", "hidden_weight", "top_k", "scores");
        String teacher = section.text("teacher");
        if (teacher == null) {
            section.problem("teacher", "is required: a run or a model folder with the same tokenizer");
        }
        if (!(adapt instanceof AdaptSpec.Full)) {
            recipe.problem("distill", "needs a network that is trained whole; nearest: adapt: full");
        }
        recipe.noEffect("with distill, whose loss is a divergence", "z_loss");
        if (task == Task.CHAT) {
            section.noEffect("with task: chat, whose teacher reads along", "scores");
        }
        boolean kept = section.has("scores");
        double hidden = section.number("hidden_weight", 0, Range.closed(0, HEAVIEST));
        if (kept && hidden > 0) {
            section.problem(
                    "hidden_weight",
                    "needs a teacher that reads along, for its states fit on no disk; remove it, or distill.scores");
        }
        if (kept) {
            recipe.noEffect("with distill.scores, which are of whole rows", "sequence_warmup");
        }
        return DistillSpec.ofTokens(
                        teacher == null ? "" : teacher,
                        section.number("temperature", 1, Range.closed(1, HOTTEST)),
                        section.number("hard_weight", DistillSpec.HARD_WEIGHT, Range.closed(0, 1)),
                        kept ? section.text("scores") : null,
                        section.integer("top_k", kept ? DistillSpec.TOP_K : 0, kept ? 1 : 0, DistillSpec.MOST_PIECES))
                .withHiddenWeight(hidden);
    }

    /** The teacher sees each image as it is augmented, so its answers cannot be kept. */
    private static @Nullable DistillSpec images(Section recipe, ModelSpec model, AdaptSpec adapt) {
        boolean pixels = model instanceof ModelSpec.FreshImageNetwork fresh
                && fresh.architecture().equals("pixels");
        if (pixels || !(adapt instanceof AdaptSpec.Full)) {
            recipe.problem("distill", "needs a network that is trained whole; nearest: adapt: full");
            return null;
        }
        Section section = recipe.section(
                "distill", "teacher", "temperature", "hard_weight", "hidden_weight", "unlabelled", "scores");
        section.noEffect("with task: image-classification", "hidden_weight", "unlabelled", "scores");
        String teacher = section.text("teacher");
        if (teacher == null) {
            section.problem("teacher", "is required: a run or a model folder");
        }
        if (recipe.has("selective_backprop")
                && recipe.node("selective_backprop").asDouble() < 1) {
            recipe.problem("selective_backprop", "is not possible with distill; remove one of the two");
        }
        return new DistillSpec(
                teacher == null ? "" : teacher,
                section.number("temperature", DistillSpec.TEMPERATURE, Range.closed(1, HOTTEST)),
                section.number("hard_weight", DistillSpec.HARD_WEIGHT, Range.closed(0, 1)),
                0,
                0,
                null);
    }
}
