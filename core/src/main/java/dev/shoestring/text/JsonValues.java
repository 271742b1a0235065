package dev.shoestring.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.InputException;
import dev.shoestring.text.jinja.Nothing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as the values that templates know. */
final class JsonValues {
    private static final int DEEPEST = 60;

    private JsonValues() {}

    static Object of(JsonNode node, String source) {
        return of(node, source, 0);
    }

    static List<Object> list(List<JsonNode> nodes, String source) {
        List<Object> values = new ArrayList<>();
        nodes.forEach(node -> values.add(of(node, source, 0)));
        return values;
    }

    private static Object of(JsonNode node, String source, int depth) {
        if (depth > DEEPEST) {
            throw new InputException(source + ": a message has more than " + DEEPEST + " levels");
        }
        return switch (node.getNodeType()) {
            case STRING -> node.textValue();
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> {
                if (node.isIntegralNumber() && !node.canConvertToLong()) {
                    throw new InputException(source + ": the number " + node + " in a message is too large");
                }
                yield node.isIntegralNumber() ? (Object) node.longValue() : (Object) node.doubleValue();
            }
            case ARRAY -> {
                List<Object> values = new ArrayList<>();
                node.forEach(item -> values.add(of(item, source, depth + 1)));
                yield values;
            }
            case OBJECT -> {
                Map<String, Object> values = new LinkedHashMap<>();
                node.properties().forEach(entry -> values.put(entry.getKey(), of(entry.getValue(), source, depth + 1)));
                yield values;
            }
            case NULL, MISSING, BINARY, POJO -> Nothing.NONE;
        };
    }
}
