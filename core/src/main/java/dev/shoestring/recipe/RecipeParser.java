package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Reads a whole recipe, and finds the settings that would have no effect. */
final class RecipeParser {
    private static final List<String> KEYS = List.of(
            "name",
            "task",
            "model",
            "data",
            "adapt",
            "augment",
            "precision",
            "device",
            "batch",
            "optimizer",
            "schedule",
            "stop",
            "dropout",
            "label_smoothing",
            "baseline",
            "seed",
            "ema",
            "test_time_augmentation",
            "progressive_resizing",
            "selective_backprop",
            "z_loss",
            "sequence_warmup",
            "neftune",
            "preference",
            "memory",
            "distributed",
            "distill");
    private static final List<String> LATER_TASKS = List.of("reasoning");

    private RecipeParser() {}

    /**
     * The recipe that a tree describes.
     *
     * @param source names the recipe in messages
     * @param name the recipe's name if the tree has none
     * @throws RecipeException with every problem found
     */
    static Recipe read(String source, String name, ObjectNode tree) {
        List<Problem> problems = new ArrayList<>();
        Section recipe = new Section("", tree, problems, KEYS);
        Recipe read = read(recipe, name, problems);
        if (!problems.isEmpty()) {
            throw new RecipeException(source, problems);
        }
        return read;
    }

    private static Recipe read(Section recipe, String otherName, List<Problem> problems) {
        String name = name(recipe, otherName);
        Task task = recipe.choice("task", Task.TEXT_CLASSIFICATION, LATER_TASKS);
        if (!recipe.has("model")) {
            recipe.problem("model", "is required: {from: …} or {fresh: …}");
        }
        if (!recipe.has("data")) {
            recipe.problem("data", "is required: {train: FILE, …}");
        }
        ModelSpec model =
                recipe.has("model") ? ModelParser.read(recipe, task) : new ModelSpec.FreshBert("", 1, 1, 1, 1);
        DataSpec data = recipe.has("data")
                ? DataParser.read(recipe, task)
                : new DataSpec(
                        new DataSpec.Source.File(""),
                        null,
                        null,
                        new DataSpec.Split.Fraction(0.1),
                        new DataSpec.Split.Fraction(0.1),
                        null,
                        64);
        boolean words = model instanceof ModelSpec.FreshBagOfWords;
        if (words) {
            noEffectOnWords(recipe);
        }
        if (task.language()) {
            recipe.noEffect("with task: " + task.key(), "dropout", "label_smoothing", "baseline");
        }
        AdaptSpec adapt = AdaptParser.read(recipe, task);
        if (adapt instanceof AdaptSpec.Head && !recipe.node("augment").isEmpty()) {
            recipe.noEffect("with adapt: head, whose features are computed once", "augment");
        }
        // Problems are told in the order of the keys.
        List<AugmentSpec> augment = AugmentParser.read(recipe, task, problems);
        Precision precision = recipe.choice("precision", Precision.AUTO, List.of("fp16"));
        DeviceSpec device = recipe.choice("device", DeviceSpec.CPU, List.of());
        BatchSpec batch = OptimizationParser.batch(recipe, task, adapt);
        OptimizerSpec optimizer = OptimizationParser.optimizer(recipe, task, adapt);
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
                OptimizationParser.schedule(recipe),
                StopParser.read(recipe, task, data, words),
                recipe.number("dropout", 0, Range.share()),
                recipe.number("label_smoothing", 0, Range.share()),
                recipe.flag("baseline", !words && !task.language()),
                seed(recipe),
                ImageParser.read(recipe, task, adapt),
                LanguageParser.read(recipe, task, adapt, optimizer),
                DistributedParser.read(recipe),
                DistillParser.read(recipe, task, model, adapt, data));
    }

    /** The keys of a bag of words are few: it is trained by a method of its own. */
    private static void noEffectOnWords(Section recipe) {
        recipe.noEffect(
                "with model.fresh: bag-of-words",
                "adapt",
                "augment",
                "precision",
                "device",
                "batch",
                "optimizer",
                "schedule",
                "dropout",
                "label_smoothing",
                "baseline",
                "distributed");
        if (recipe.node("data").has("max_tokens")) {
            recipe.problem("data.max_tokens", "has no effect with model.fresh: bag-of-words; remove it");
        }
    }

    private static String name(Section recipe, String otherwise) {
        String name = recipe.text("name");
        if (name != null && !RunName.VALID.matcher(name).matches()) {
            recipe.problem(
                    "name",
                    "names a folder: up to 64 letters, digits, dots, dashes and underscores, but is "
                            + Section.quoted(name) + "; nearest: " + RunName.of(name));
        }
        return name == null ? otherwise : name;
    }

    private static long seed(Section recipe) {
        Long seed = recipe.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        return seed == null ? 1 : seed;
    }
}
