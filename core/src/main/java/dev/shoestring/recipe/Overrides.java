package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Pattern;

/** Values given on the command line, {@code key.path=value}, put into a recipe's tree. */
final class Overrides {
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){0,7}");

    private Overrides() {}

    /** Puts each of {@code overrides} into {@code tree}, in order; a value of nothing removes the key. */
    static void apply(ObjectNode tree, List<String> overrides) {
        for (String override : overrides) {
            int equals = override.indexOf('=');
            String path = equals < 0 ? "" : override.substring(0, equals).strip();
            if (!PATH.matcher(path).matches()) {
                throw new InputException("--set " + Section.quoted(override)
                        + ": must be KEY.PATH=VALUE; for example schedule.epochs=3");
            }
            put(tree, path, YamlText.tree("--set " + path, override.substring(equals + 1)));
        }
    }

    private static void put(ObjectNode tree, String path, JsonNode value) {
        String[] keys = path.split("\\.", -1);
        ObjectNode node = tree;
        for (int i = 0; i < keys.length - 1; i++) {
            node = child(node, keys[i], path);
        }
        String last = keys[keys.length - 1];
        if (value.isMissingNode() || value.isNull()) {
            node.remove(last);
        } else {
            node.set(last, value);
        }
    }

    private static ObjectNode child(ObjectNode node, String key, String path) {
        JsonNode value = node.get(key);
        if (value instanceof ObjectNode mapping) {
            return mapping;
        }
        if (value != null && value.isArray()) {
            throw new InputException("--set " + path + ": " + key + " is a list; set the whole list: " + key + "=[…]");
        }
        ObjectNode mapping = JsonNodeFactory.instance.objectNode();
        // adapt: full is short for adapt: {kind: full}
        if (value != null && value.isTextual() && key.equals("adapt")) {
            mapping.set("kind", value);
        }
        node.set(key, mapping);
        return mapping;
    }
}
