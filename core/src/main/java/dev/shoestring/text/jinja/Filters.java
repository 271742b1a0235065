package dev.shoestring.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Filters: {@code value | name}. */
final class Filters {
    static final Set<String> NAMES = Set.of(
            "trim",
            "tojson",
            "length",
            "count",
            "upper",
            "lower",
            "title",
            "capitalize",
            "join",
            "first",
            "last",
            "list",
            "string",
            "int",
            "float",
            "default",
            "d",
            "replace",
            "items",
            "selectattr",
            "rejectattr",
            "select",
            "reject",
            "map",
            "reverse",
            "safe",
            "indent",
            "unique",
            "abs",
            "round",
            "dictsort",
            "sum");

    private Filters() {}

    static Set<String> names() {
        return new TreeSet<>(NAMES);
    }

    static Object apply(String name, Object value, Given given) {
        Budget budget = given.budget();
        return switch (name) {
            case "trim" -> Strings.stripped(text(value, given), given.text(0, "chars", ""), Strings.Side.BOTH);
            case "tojson" -> JsonText.of(value, given);
            case "length", "count" -> length(value, given);
            case "upper" -> text(value, given).toUpperCase(Locale.ROOT);
            case "lower" -> text(value, given).toLowerCase(Locale.ROOT);
            case "title" -> Strings.title(text(value, given));
            case "capitalize" -> Strings.capitalized(text(value, given));
            case "string", "safe" -> text(value, given);
            case "replace" ->
                Strings.replaced(
                        text(value, given),
                        given.text(0, "old", ""),
                        given.text(1, "new", ""),
                        given.number(2, "count", -1),
                        budget);
            case "indent" -> indented(text(value, given), given);
            case "int", "float" -> number(name, value, given);
            case "abs", "round" -> rounded(name, value, given);
            case "default", "d" -> {
                boolean absent = value == Nothing.UNDEFINED
                        || (Values.truth(given.get(1, "boolean", false)) && !Values.truth(value));
                yield absent ? given.get(0, "default_value", "") : value;
            }
            case "items" -> value == Nothing.UNDEFINED ? List.of() : pairs(value, given);
            case "dictsort" -> sorted(pairs(value, given), given);
            default -> ofItems(name, Values.iterate(value, given.source()), given);
        };
    }

    private static String text(Object value, Given given) {
        String text = Values.string(value, given.budget());
        given.budget().characters(text.length());
        return text;
    }

    private static Object pairs(Object value, Given given) {
        if (!(value instanceof Map)) {
            throw given.failed("the filter items takes a mapping, not " + Values.kind(value));
        }
        return Methods.call(value, "items", given);
    }

    private static Object sorted(Object pairs, Given given) {
        List<Object> items = Values.iterate(pairs, given.source());
        items.sort((a, b) -> key(a, given).compareTo(key(b, given)));
        return items;
    }

    private static String key(Object pair, Given given) {
        return Values.string(Values.item(pair, 0L, given.budget(), given.source()), given.budget())
                .toLowerCase(Locale.ROOT);
    }

    private static Object ofItems(String name, List<Object> items, Given given) {
        given.budget().steps(items.size());
        switch (name) {
            case "list" -> {
                return items;
            }
            case "first" -> {
                return items.isEmpty() ? Nothing.UNDEFINED : items.get(0);
            }
            case "last" -> {
                return items.isEmpty() ? Nothing.UNDEFINED : items.get(items.size() - 1);
            }
            case "reverse" -> {
                Collections.reverse(items);
                return items;
            }
            case "unique" -> {
                items.forEach(item -> Values.key(item, given.source()));
                return new ArrayList<>(new LinkedHashSet<>(items));
            }
            case "join" -> {
                Object attribute = given.get(1, "attribute", Nothing.NONE);
                List<Object> joined = attribute == Nothing.NONE ? items : attributes(items, attribute, given);
                return Strings.joined(joined, given.text(0, "d", ""), given.budget());
            }
            case "sum" -> {
                Object sum = 0L;
                for (Object item : items) {
                    sum = Operators.apply("+", sum, item, given.budget(), given.source());
                }
                return sum;
            }
            case "map" -> {
                return mapped(items, given);
            }
            default -> {
                return chosen(name, items, given);
            }
        }
    }

    private static List<Object> attributes(List<Object> items, Object attribute, Given given) {
        List<Object> values = new ArrayList<>();
        items.forEach(item -> values.add(Values.item(item, attribute, given.budget(), given.source())));
        return values;
    }

    private static Object mapped(List<Object> items, Given given) {
        Object attribute = given.named().get("attribute");
        if (attribute != null) {
            return attributes(items, attribute, given);
        }
        String filter = given.text(0, "filter", "");
        if (!NAMES.contains(filter)) {
            throw given.failed("map(\"" + filter + "\"): the filter is not supported; supported are " + names());
        }
        Given rest = new Given(
                given.arguments().subList(1, given.arguments().size()), given.named(), given.budget(), given.source());
        List<Object> mapped = new ArrayList<>();
        items.forEach(item -> mapped.add(apply(filter, item, rest)));
        return mapped;
    }

    /** select, reject and their forms for an attribute. */
    private static Object chosen(String name, List<Object> items, Given given) {
        int skipped = name.endsWith("attr") ? 1 : 0;
        boolean wanted = name.startsWith("select");
        List<Object> arguments = given.arguments();
        String test = arguments.size() > skipped ? Values.string(arguments.get(skipped), given.budget()) : "";
        if (!test.isEmpty() && !Tests.NAMES.contains(test)) {
            throw given.failed("the test " + test + " is not supported; supported are " + Tests.names());
        }
        if (skipped > arguments.size()) {
            throw given.failed("the filter " + name + " needs the name of an attribute");
        }
        List<Object> rest =
                arguments.size() > skipped + 1 ? arguments.subList(skipped + 1, arguments.size()) : List.of();
        List<Object> chosen = new ArrayList<>();
        for (Object item : items) {
            Object tested = skipped == 1 ? Values.item(item, arguments.get(0), given.budget(), given.source()) : item;
            boolean passes = test.isEmpty()
                    ? Values.truth(tested)
                    : Tests.passes(test, tested, rest, given.budget(), given.source());
            if (passes == wanted) {
                chosen.add(item);
            }
        }
        return chosen;
    }

    private static Object length(Object value, Given given) {
        if (value instanceof String text) {
            return (long) text.codePointCount(0, text.length());
        }
        if (value instanceof Map<?, ?> map) {
            return (long) map.size();
        }
        return (long) Values.iterate(value, given.source()).size();
    }

    private static Object number(String name, Object value, Given given) {
        try {
            if (value instanceof String text) {
                return name.equals("int") ? (Object) Long.parseLong(text.strip()) : Double.parseDouble(text.strip());
            }
        } catch (NumberFormatException noNumber) {
            return given.get(0, "default", name.equals("int") ? 0L : 0.0);
        }
        if (value instanceof Boolean flag) {
            return name.equals("int") ? (Object) (flag ? 1L : 0L) : (flag ? 1.0 : 0.0);
        }
        if (value instanceof Number number) {
            return name.equals("int") ? (Object) number.longValue() : number.doubleValue();
        }
        return given.get(0, "default", name.equals("int") ? 0L : 0.0);
    }

    private static Object rounded(String name, Object value, Given given) {
        if (name.equals("abs") && value instanceof Long number) {
            return Math.abs(number);
        }
        if (value instanceof Number number) {
            double scale = Math.pow(10, (double) given.number(0, "precision", 0));
            return name.equals("abs")
                    ? Math.abs(number.doubleValue())
                    : Math.rint(number.doubleValue() * scale) / scale;
        }
        throw given.failed("the filter " + name + " takes a number, not " + Values.kind(value));
    }

    private static String indented(String text, Given given) {
        Object width = given.get(0, "width", 4L);
        String space = width instanceof String letters
                ? letters
                : " ".repeat((int) Math.min(100, Math.max(0, given.number(0, "width", 4))));
        boolean first = Values.truth(given.get(1, "first", false));
        boolean blank = Values.truth(given.get(2, "blank", false));
        StringBuilder all = new StringBuilder();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            boolean moved = (i > 0 || first) && (blank || !lines[i].isEmpty());
            given.budget().characters(space.length());
            all.append(i > 0 ? "\n" : "").append(moved ? space : "").append(lines[i]);
        }
        return all.toString();
    }
}
