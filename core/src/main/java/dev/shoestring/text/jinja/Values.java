package dev.shoestring.text.jinja;

import dev.shoestring.recipe.InputException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What values mean: as in Python. */
final class Values {
    private static final int DEEPEST = 64;

    private Values() {}

    static boolean truth(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value instanceof List<?> list) {
            return !list.isEmpty();
        }
        if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        return !(value instanceof Nothing);
    }

    /** Python's {@code str}. */
    static String string(Object value, Budget budget) {
        if (value instanceof String text) {
            return text;
        }
        if (value == Nothing.UNDEFINED) {
            return "";
        }
        return represented(value, budget, 0);
    }

    private static String represented(Object value, Budget budget, int depth) {
        budget.step();
        if (depth > DEEPEST) {
            throw new InputException("chat template: prints a value of more than " + DEEPEST + " levels");
        }
        String text;
        if (value instanceof String quoted) {
            char quote = quoted.contains("'") && !quoted.contains("\"") ? '"' : '\'';
            text = quote
                    + quoted.replace("\\", "\\\\")
                            .replace(String.valueOf(quote), "\\" + quote)
                            .replace("\n", "\\n")
                            .replace("\r", "\\r")
                            .replace("\t", "\\t")
                    + quote;
        } else if (value instanceof Boolean flag) {
            text = flag ? "True" : "False";
        } else if (value instanceof Double number) {
            text = decimal(number);
        } else if (value instanceof List<?> list) {
            StringBuilder all = new StringBuilder("[");
            for (Object item : list) {
                all.append(all.length() > 1 ? ", " : "").append(represented(item, budget, depth + 1));
            }
            text = all.append(']').toString();
        } else if (value instanceof Map<?, ?> map) {
            StringBuilder all = new StringBuilder("{");
            map.forEach((key, item) -> all.append(all.length() > 1 ? ", " : "")
                    .append(represented(key, budget, depth + 1))
                    .append(": ")
                    .append(represented(item, budget, depth + 1)));
            text = all.append('}').toString();
        } else if (value == Nothing.NONE) {
            text = "None";
        } else if (value == Nothing.UNDEFINED) {
            text = "Undefined";
        } else if (value instanceof Long number) {
            text = number.toString();
        } else {
            throw new InputException("chat template: prints a function, a loop or a namespace");
        }
        budget.characters(text.length());
        return text;
    }

    /** Python's {@code repr} of a float. */
    static String decimal(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(number);
        if (size != 0 && (size < 1e-4 || size >= 1e16)) {
            String text = Double.toString(number).replace(".0E", "E").replace("E-", "e-");
            int exponent = Math.max(text.indexOf("E"), text.indexOf("e-"));
            String digits = text.substring(exponent + 1).replace("-", "");
            return text.substring(0, exponent)
                    + (text.contains("e-") ? "e-" : "e+")
                    + (digits.length() < 2 ? "0" : "")
                    + digits;
        }
        String plain = new BigDecimal(Double.toString(number)).toPlainString();
        return plain.contains(".") ? plain : plain + ".0";
    }

    static List<Object> iterate(Object value, String source) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        if (value instanceof Map<?, ?> map) {
            return new ArrayList<>(map.keySet());
        }
        if (value instanceof String text) {
            List<Object> letters = new ArrayList<>();
            text.codePoints().forEach(point -> letters.add(Character.toString(point)));
            return letters;
        }
        if (value == Nothing.UNDEFINED) {
            return List.of();
        }
        throw new InputException(source + ": goes through " + kind(value) + ", which holds nothing");
    }

    static String kind(Object value) {
        return value instanceof String
                ? "a string"
                : value instanceof List
                        ? "a list"
                        : value instanceof Map
                                ? "a mapping"
                                : value instanceof Number
                                        ? "a number"
                                        : value instanceof Boolean
                                                ? "a boolean"
                                                : value == Nothing.NONE
                                                        ? "none"
                                                        : value == Nothing.UNDEFINED
                                                                ? "what is undefined"
                                                                : "a function, loop or namespace";
    }

    /** {@code value.name}: methods come before items, as in Jinja2. */
    static Object attribute(Object value, String name, Budget budget, String source) {
        budget.step();
        if (value instanceof Namespace namespace) {
            return namespace.get(name);
        }
        if (value instanceof Loop loop) {
            return loop.get(name);
        }
        if (value == Nothing.UNDEFINED) {
            throw new InputException(source + ": asks for ." + name + " of what is undefined");
        }
        if (Methods.has(value, name)) {
            return (JinjaFunction)
                    (arguments, named) -> Methods.call(value, name, new Given(arguments, named, budget, source));
        }
        return value instanceof Map<?, ?> map ? found(map, name, source) : Nothing.UNDEFINED;
    }

    /** {@code value[key]}. */
    static Object item(Object value, Object key, Budget budget, String source) {
        budget.step();
        if (value instanceof Map<?, ?> map) {
            Object item = found(map, key, source);
            return item == Nothing.UNDEFINED && key instanceof String name && Methods.has(value, name)
                    ? attribute(value, name, budget, source)
                    : item;
        }
        if (key instanceof Long index && (value instanceof List || value instanceof String)) {
            int size = value instanceof String text ? text.codePointCount(0, text.length()) : ((List<?>) value).size();
            long from = index < 0 ? index + size : index;
            if (from < 0 || from >= size) {
                return Nothing.UNDEFINED;
            }
            if (value instanceof String text) {
                budget.steps(text.length() >> 4);
                return Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) from)));
            }
            return ((List<?>) value).get((int) from);
        }
        if (key instanceof String name) {
            return attribute(value, name, budget, source);
        }
        if (value == Nothing.UNDEFINED) {
            throw new InputException(source + ": asks for an item of what is undefined");
        }
        return Nothing.UNDEFINED;
    }

    /** The key, if it is one that Python takes: the hash of nested lists would take time without bound. */
    static Object key(Object key, String source) {
        if (key instanceof String || key instanceof Number || key instanceof Boolean || key instanceof Nothing) {
            return key;
        }
        throw new InputException(source + ": takes " + kind(key) + " for a key, which must be a string or a number");
    }

    private static Object found(Map<?, ?> map, Object key, String source) {
        Object found = map.get(key(key, source));
        return found == null ? Nothing.UNDEFINED : found;
    }

    /** {@code value[from:to:step]}. */
    static Object slice(Object value, Object from, Object to, Object step, Budget budget, String source) {
        List<Object> items;
        if (value instanceof String || value instanceof List) {
            items = iterate(value, source);
        } else {
            throw new InputException(source + ": takes a slice of " + kind(value));
        }
        budget.steps(items.size());
        long by = step instanceof Long number ? number : 1;
        if (by == 0) {
            throw new InputException(source + ": a slice's step must not be 0");
        }
        int size = items.size();
        long first = bound(from, by > 0 ? 0 : size - 1, size, by);
        long last = bound(to, by > 0 ? size : -1, size, by);
        List<Object> taken = new ArrayList<>();
        for (long i = first; by > 0 ? i < last : i > last; i += by) {
            taken.add(items.get((int) i));
        }
        if (value instanceof List) {
            return taken;
        }
        StringBuilder text = new StringBuilder();
        taken.forEach(text::append);
        budget.characters(text.length());
        return text.toString();
    }

    private static long bound(Object given, long otherwise, int size, long by) {
        if (!(given instanceof Long number)) {
            return otherwise;
        }
        long index = number < 0 ? number + size : number;
        return by > 0 ? Math.max(0, Math.min(size, index)) : Math.max(-1, Math.min(size - 1, index));
    }
}
