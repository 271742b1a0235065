package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The recipe for a user's own data: what the user gave, laid over the bundled recipe that fits it. */
final class OwnTable {
    private static final double SHARE = 0.1;

    private OwnTable() {}

    static Recipe recipe(
            @Nullable String dataPath,
            @Nullable String query,
            @Nullable String text,
            @Nullable String label,
            @Nullable String modelFrom,
            List<String> overrides) {
        if ((dataPath == null) == (query == null)) {
            throw new InputException(
                    dataPath == null
                            ? "--data: is required: a CSV, TSV, JSONL or Parquet file, a text file, or a folder of images or texts; or --query with SQL"
                            : "--query: cannot be given together with --data; keep one of them");
        }
        ObjectNode given = JsonNodeFactory.instance.objectNode();
        ObjectNode data = given.putObject("data");
        data.put(dataPath == null ? "query" : "train", dataPath == null ? query : dataPath);
        Task task =
                asked(overrides, dataPath == null ? Task.TEXT_CLASSIFICATION : OwnData.task(dataPath, label != null));
        given.put("task", task.key());
        if (!task.language()) {
            data.put("validation", SHARE).put("test", SHARE);
        }
        if (text != null) {
            data.put(task == Task.IMAGE_CLASSIFICATION ? "image" : "text", text);
        }
        if (label != null) {
            data.put("label", label);
        }
        if (modelFrom != null) {
            given.putObject("model").put("from", modelFrom);
        }
        Overrides.apply(given, overrides);
        ObjectNode template = Recipes.mapping(
                "bundled", RecipeText.bundled(template(given, task)).yaml());
        template.remove("name");
        if (task.language()) {
            ((ObjectNode) template.get("data")).remove("train");
        } else {
            template.remove("data");
        }
        fill(given, template);
        return RecipeParser.read(
                "recipe for " + (dataPath == null ? "--query" : dataPath),
                dataPath == null ? "query" : RunName.ofTable(dataPath),
                given);
    }

    /** The task that the user asks for by name, otherwise the guessed one. */
    private static Task asked(List<String> overrides, Task guessed) {
        return Arrays.stream(Task.values())
                .filter(task -> overrides.contains("task=" + task.key()))
                .findFirst()
                .orElse(guessed);
    }

    private static String template(ObjectNode given, Task task) {
        boolean begins = given.path("model").has("from");
        return switch (task) {
            case TEXT_CLASSIFICATION -> textTemplate(given);
            case IMAGE_CLASSIFICATION -> imageTemplate(given);
            case LANGUAGE_MODEL -> begins ? "texts-transfer" : "texts";
            case CHAT, PREFERENCE -> begins ? "chats-transfer" : "chats";
        };
    }

    /** From a trained network, or from random weights. */
    private static String imageTemplate(ObjectNode given) {
        JsonNode adapt = given.path("adapt");
        if ((adapt.isTextual() ? adapt : adapt.path("kind")).asText().equals("head")) {
            return "photos-head";
        }
        return given.path("model").has("from") ? "photos-transfer" : "photos";
    }

    private static String textTemplate(ObjectNode given) {
        String fresh = given.path("model").path("fresh").asText();
        if (fresh.equals("bag-of-words")) {
            return "definitions-words";
        }
        if (fresh.equals("bert")) {
            return "definitions-from-scratch";
        }
        JsonNode adapt = given.path("adapt");
        return (adapt.isTextual() ? adapt : adapt.path("kind")).asText().equals("head")
                ? "definitions-head"
                : "definitions";
    }

    /** Adds what {@code given} lacks. */
    private static void fill(ObjectNode given, ObjectNode template) {
        template.properties().forEach(entry -> {
            JsonNode value = given.get(entry.getKey());
            if (value == null) {
                given.set(entry.getKey(), entry.getValue());
            } else if (value instanceof ObjectNode inner
                    && entry.getValue() instanceof ObjectNode other
                    && !replaces(entry.getKey(), inner, other)) {
                fill(inner, other);
            }
        });
    }

    /** Whether what the user gave is of another kind than the template's, whose details would not fit it. */
    private static boolean replaces(String key, ObjectNode given, ObjectNode template) {
        return switch (key) {
            case "model" -> given.has("from") || differs("fresh", given, template);
            case "optimizer" -> differs("kind", given, template);
            default -> false;
        };
    }

    private static boolean differs(String key, ObjectNode given, ObjectNode template) {
        return given.has(key) && !given.get(key).equals(template.get(key));
    }
}
