package dev.shoestring.text.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Tests: {@code value is name}. */
final class Tests {
    static final Set<String> NAMES = Set.of(
            "defined",
            "undefined",
            "none",
            "string",
            "mapping",
            "iterable",
            "sequence",
            "number",
            "integer",
            "float",
            "boolean",
            "true",
            "false",
            "callable",
            "in",
            "eq",
            "equalto",
            "==",
            "ne",
            "!=",
            "odd",
            "even",
            "divisibleby",
            "lt",
            "gt",
            "le",
            "ge",
            "lower",
            "upper");

    private Tests() {}

    static Set<String> names() {
        return new TreeSet<>(NAMES);
    }

    static boolean passes(String name, Object value, List<Object> arguments, Budget budget, String source) {
        Object other = arguments.isEmpty() ? Nothing.UNDEFINED : arguments.get(0);
        return switch (name) {
            case "defined" -> value != Nothing.UNDEFINED;
            case "undefined" -> value == Nothing.UNDEFINED;
            case "none" -> value == Nothing.NONE;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map;
            case "iterable", "sequence" ->
                value instanceof String || value instanceof List || value instanceof Map || value == Nothing.UNDEFINED;
            case "number" -> value instanceof Number || value instanceof Boolean;
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "callable" -> value instanceof JinjaFunction;
            case "in" -> Operators.contains(other, value, budget, source);
            case "eq", "equalto", "==" -> Operators.equal(value, other, budget);
            case "ne", "!=" -> !Operators.equal(value, other, budget);
            case "odd" -> remainder(value, 2L, budget, source) == 1;
            case "even" -> remainder(value, 2L, budget, source) == 0;
            case "divisibleby" -> remainder(value, other, budget, source) == 0;
            case "lt" -> Operators.compare("<", value, other, budget, source);
            case "gt" -> Operators.compare(">", value, other, budget, source);
            case "le" -> Operators.compare("<=", value, other, budget, source);
            case "ge" -> Operators.compare(">=", value, other, budget, source);
            case "lower" -> value instanceof String text && text.equals(text.toLowerCase(Locale.ROOT));
            default -> value instanceof String text && text.equals(text.toUpperCase(Locale.ROOT));
        };
    }

    private static double remainder(Object value, Object divisor, Budget budget, String source) {
        return Operators.apply("%", value, divisor, budget, source) instanceof Number number
                ? number.doubleValue()
                : -1;
    }
}
