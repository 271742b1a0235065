package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The recipe for a user's own table: what the user gave, laid over the bundled recipe that fits it. */
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
                            ? "--data: is required: a CSV, TSV, JSONL or Parquet file, or a folder of images; or --query with SQL"
                            : "--query: cannot be given together with --data; keep one of them");
        }
        ObjectNode given = JsonNodeFactory.instance.objectNode();
        ObjectNode data = given.putObject("data");
        data.put(dataPath == null ? "query" : "train", dataPath == null ? query : dataPath);
        data.put("validation", SHARE).put("test", SHARE);
        boolean images = dataPath != null && Files.isDirectory(path(dataPath));
        if (images) {
            given.put("task", "image-classification");
        }
        if (text != null) {
            data.put(images ? "image" : "text", text);
        }
        if (label != null) {
            data.put("label", label);
        }
        if (modelFrom != null) {
            given.putObject("model").put("from", modelFrom);
        }
        Overrides.apply(given, overrides);
        ObjectNode template = Recipes.mapping(
                "bundled",
                RecipeText.bundled(images ? imageTemplate(given) : template(given))
                        .yaml());
        template.remove(List.of("name", "data"));
        fill(given, template);
        return RecipeParser.read(
                "recipe for " + (dataPath == null ? "--query" : dataPath),
                dataPath == null ? "query" : RunName.ofTable(dataPath),
                given);
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException noPath) {
            throw new InputException("--data: \"" + text + "\" is no path", noPath);
        }
    }

    /** From a trained network, or from random weights. */
    private static String imageTemplate(ObjectNode given) {
        JsonNode adapt = given.path("adapt");
        if ((adapt.isTextual() ? adapt : adapt.path("kind")).asText().equals("head")) {
            return "photos-head";
        }
        return given.path("model").has("from") ? "photos-transfer" : "photos";
    }

    private static String template(ObjectNode given) {
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
