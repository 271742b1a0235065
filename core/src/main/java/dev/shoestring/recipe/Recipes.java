package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recipes from YAML. Every problem of a recipe is reported at once, as a {@link RecipeException}; what keeps it from being
 * read at all is an {@link InputException}.
 */
public final class Recipes {
    private static final List<String> BUNDLED = List.of(
            "definitions",
            "definitions-small",
            "definitions-from-scratch",
            "definitions-head",
            "definitions-words",
            "fashion",
            "mnist",
            "glossary",
            "glossary-base");

    private Recipes() {}

    /** Names of the recipes in the jar, the default first. */
    public static List<String> bundledNames() {
        return BUNDLED;
    }

    /**
     * A bundled recipe or one from a file.
     *
     * @param nameOrPath one of {@link #bundledNames}, otherwise a path; without a {@code name} key the file's name is taken
     * @param overrides {@code key.path=value}, the value as YAML; nothing after the sign removes the key
     */
    public static Recipe load(String nameOrPath, List<String> overrides) {
        RecipeText text = RecipeText.find(nameOrPath);
        return read(text.source(), text.name(), text.yaml(), overrides);
    }

    /**
     * A recipe from text.
     *
     * @param source names the recipe in messages, and the run if the recipe does not
     */
    public static Recipe parse(String source, String yaml, List<String> overrides) {
        return read(source, RunName.of(source), yaml, overrides);
    }

    /**
     * A recipe for the user's own data, whose kind is guessed: a table, images, texts, conversations. Everything else is as in the bundled
     * recipes; of a table {@code definitions}, or the one that fits if {@code overrides} ask for another kind of model or {@code adapt: head}.
     *
     * @param dataPath the training file; exactly one of it and {@code query} is given
     * @param query SQL over any files that DuckDB reads
     * @param text name of the text column; null takes the only plausible one
     * @param label name of the label column; null takes the only plausible one
     * @param modelFrom reference of another pre-trained model; null takes the default
     */
    public static Recipe forTable(
            @Nullable String dataPath,
            @Nullable String query,
            @Nullable String text,
            @Nullable String label,
            @Nullable String modelFrom,
            List<String> overrides) {
        return OwnTable.recipe(dataPath, query, text, label, modelFrom, overrides);
    }

    /**
     * An override that sets a text to the letter, even one that YAML would take for a number, a list or nothing.
     *
     * @param path dotted path of the key
     */
    public static String textOverride(String path, String text) {
        return path + "=" + JsonNodeFactory.instance.textNode(text);
    }

    /**
     * A time such as {@code 90s}, {@code 20m} or {@code 1h30m}.
     *
     * @param option names the option in messages
     * @throws InputException if it is none
     */
    public static Duration duration(String option, String text) {
        Duration time = StopParser.duration(text);
        if (time.isZero()) {
            throw new InputException(
                    option + ": must be a time such as 90s, 20m or 1h30m, but is " + Section.quoted(text));
        }
        return time;
    }

    private static Recipe read(String source, String name, String yaml, List<String> overrides) {
        ObjectNode tree = mapping(source, yaml);
        Overrides.apply(tree, overrides);
        return RecipeParser.read(source, name, tree);
    }

    static ObjectNode mapping(String source, String yaml) {
        JsonNode tree = YamlText.tree(source, yaml);
        if (tree.isMissingNode() || tree.isNull()) {
            throw new InputException(source + ": is empty; a recipe needs at least model and data");
        }
        if (!(tree instanceof ObjectNode mapping)) {
            throw new InputException(source + ": a recipe is a mapping of keys such as model and data, but this is "
                    + Section.found(tree));
        }
        return mapping;
    }
}
