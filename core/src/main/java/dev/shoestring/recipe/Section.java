package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of a recipe, read key by key. Whatever is wrong is added to the problems and a valid value is handed back, so
 * that one reading finds every problem.
 */
final class Section {
    private static final int LONGEST_SHOWN = 80;

    private final String path;
    private final ObjectNode node;
    private final List<Problem> problems;

    /** Opens a mapping; each key that is not among {@code keys} is a problem. */
    Section(String path, ObjectNode node, List<Problem> problems, List<String> keys) {
        this.path = path;
        this.node = node;
        this.problems = problems;
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!keys.contains(name)) {
                problem(shown(name), "is not a key here" + NearestChoice.hint(name, keys));
            }
        }
    }

    boolean has(String key) {
        return node.has(key);
    }

    /** What stands at {@code key}; a missing node if nothing does. */
    JsonNode node(String key) {
        return node.path(key);
    }

    /** The raw value; null if absent. A key without a value is a problem and counts as absent. */
    @Nullable
    JsonNode value(String key) {
        JsonNode value = node.get(key);
        if (value != null
                && (value.isNull() || (value.isTextual() && value.textValue().isEmpty()))) {
            problem(key, "has no value; give one or remove the key");
            return null;
        }
        return value;
    }

    void problem(String key, String message) {
        problems.add(new Problem(pathOf(key), message));
    }

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Makes the presence of each of {@code keys} a problem. */
    void noEffect(String reason, String... keys) {
        for (String key : keys) {
            if (has(key)) {
                problem(key, "has no effect " + reason + "; remove it");
            }
        }
    }

    /** A mapping whose keys another part of the parser has checked. */
    Section partOf(String key, JsonNode value) {
        ObjectNode mapping = value instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
        List<String> keys = new ArrayList<>();
        mapping.fieldNames().forEachRemaining(keys::add);
        return new Section(pathOf(key), mapping, problems, keys);
    }

    /** The mapping at {@code key}, empty if absent. */
    Section section(String key, String... keys) {
        JsonNode value = value(key);
        if (value != null && !value.isObject()) {
            problem(key, "must be a mapping with the keys " + String.join(", ", keys) + ", but is " + found(value));
        }
        ObjectNode mapping = value instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
        return new Section(pathOf(key), mapping, problems, Arrays.asList(keys));
    }

    double number(String key, double otherwise, Range range) {
        Double value = number(key, range, "; default: " + Range.plain(otherwise));
        return value == null ? otherwise : value;
    }

    /** As above; null if absent or wrong. */
    @Nullable
    Double number(String key, Range range, String remedy) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            problem(key, "must be a number " + range + ", but is " + found(value) + remedy);
            return null;
        }
        double number = value.doubleValue();
        if (!range.holds(number)) {
            Double nearest = range.nearest(number);
            problem(
                    key,
                    "must be " + range + ", but is " + shown(value.asText())
                            + (nearest == null ? remedy : "; nearest: " + Range.plain(nearest)));
            return null;
        }
        return number == 0 ? 0.0 : number;
    }

    int integer(String key, int otherwise, int low, int high) {
        Integer value = integer(key, low, high);
        return value == null ? otherwise : value;
    }

    /** As above; null if absent or wrong. */
    @Nullable
    Integer integer(String key, int low, int high) {
        Long value = integer(key, (long) low, (long) high);
        return value == null ? null : Math.toIntExact(value);
    }

    /** As above, for long integers. */
    @Nullable
    Long integer(String key, long low, long high) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber()) {
            problem(key, "must be a whole number from " + low + " to " + high + ", but is " + found(value));
            return null;
        }
        if (!value.canConvertToLong() || value.longValue() < low || value.longValue() > high) {
            boolean below = value.bigIntegerValue().compareTo(BigInteger.valueOf(low)) < 0;
            problem(
                    key,
                    "must be a whole number from " + low + " to " + high + ", but is " + shown(value.asText())
                            + "; nearest: " + (below ? low : high));
            return null;
        }
        return value.longValue();
    }

    boolean flag(String key, boolean otherwise) {
        JsonNode value = value(key);
        if (value != null && !value.isBoolean()) {
            problem(key, "must be true or false, but is " + found(value));
        }
        return value instanceof BooleanNode flag ? flag.booleanValue() : otherwise;
    }

    /** A text that is not blank; null if absent or wrong. */
    @Nullable
    String text(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            boolean quotable = value.isNumber() || value.isBoolean();
            problem(key, "must be text, but is " + found(value) + (quotable ? "; put it in quotes" : ""));
            return null;
        }
        return value.textValue();
    }

    /** One of {@code valid}, or {@code otherwise} if absent or wrong; {@code later} are named as not in this version. */
    String choice(String key, String otherwise, List<String> valid, List<String> later) {
        JsonNode value = value(key);
        return value == null ? otherwise : choice(key, value, otherwise, valid, later);
    }

    String choice(String key, JsonNode value, String otherwise, List<String> valid, List<String> later) {
        if (value.isTextual() && valid.contains(value.textValue())) {
            return value.textValue();
        }
        if (value.isTextual() && later.contains(value.textValue())) {
            problem(key, value.textValue() + " is not in this version; valid: " + String.join(", ", valid));
        } else if (value.isTextual()) {
            problem(key, "has no choice " + quoted(value.textValue()) + NearestChoice.hint(value.textValue(), valid));
        } else {
            problem(key, "must be one of " + String.join(", ", valid) + ", but is " + found(value));
        }
        return otherwise;
    }

    /** A constant of an enum, written in kebab-case. */
    <E extends Enum<E>> E choice(String key, E otherwise, List<String> later) {
        List<E> constants = Arrays.asList(otherwise.getDeclaringClass().getEnumConstants());
        List<String> names = constants.stream().map(Section::kebab).toList();
        return constants.get(names.indexOf(choice(key, kebab(otherwise), names, later)));
    }

    static String kebab(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A value as a message shows it. */
    static String found(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue().isBlank() ? "blank" : "the text " + quoted(value.textValue());
        }
        if (value.isObject()) {
            return "a mapping";
        }
        return value.isArray() ? "a list" : shown(value.asText());
    }

    static String quoted(String text) {
        return "\"" + shown(text) + "\"";
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "…";
    }
}
