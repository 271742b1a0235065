package dev.shoestring.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Methods of Python's strings and mappings that change nothing. */
final class Methods {
    private static final Set<String> OF_STRINGS = Set.of(
            "strip",
            "lstrip",
            "rstrip",
            "split",
            "rsplit",
            "splitlines",
            "startswith",
            "endswith",
            "upper",
            "lower",
            "title",
            "capitalize",
            "replace",
            "find",
            "count",
            "join",
            "removeprefix",
            "removesuffix",
            "isdigit");
    private static final Set<String> OF_MAPPINGS = Set.of("items", "keys", "values", "get");
    private static final Set<String> OF_LISTS = Set.of("index", "count");

    private Methods() {}

    static boolean has(Object value, String name) {
        return value instanceof String
                ? OF_STRINGS.contains(name)
                : value instanceof Map ? OF_MAPPINGS.contains(name) : value instanceof List && OF_LISTS.contains(name);
    }

    static Object call(Object value, String name, Given given) {
        if (value instanceof String text) {
            given.budget().characters(text.length());
            return ofString(text, name, given);
        }
        if (value instanceof Map<?, ?> map) {
            return ofMapping(map, name, given);
        }
        List<Object> items = Values.iterate(value, given.source());
        Object sought = given.get(0, "value", Nothing.UNDEFINED);
        long count = 0;
        for (int i = 0; i < items.size(); i++) {
            if (Operators.equal(items.get(i), sought, given.budget())) {
                if (name.equals("index")) {
                    return (long) i;
                }
                count++;
            }
        }
        if (name.equals("index")) {
            throw given.failed("a list does not hold what .index() looks for");
        }
        return count;
    }

    private static Object ofMapping(Map<?, ?> map, String name, Given given) {
        given.budget().steps(map.size());
        return switch (name) {
            case "items" -> {
                List<Object> items = new ArrayList<>();
                map.forEach((key, item) -> items.add(List.of(key, item)));
                yield items;
            }
            case "keys" -> new ArrayList<Object>(map.keySet());
            case "values" -> new ArrayList<Object>(map.values());
            default -> {
                Object found = map.get(Values.key(given.get(0, "key", Nothing.NONE), given.source()));
                yield found == null ? given.get(1, "default", Nothing.NONE) : found;
            }
        };
    }

    private static Object ofString(String text, String name, Given given) {
        return switch (name) {
            case "strip" -> Strings.stripped(text, set(given), Strings.Side.BOTH);
            case "lstrip" -> Strings.stripped(text, set(given), Strings.Side.LEFT);
            case "rstrip" -> Strings.stripped(text, set(given), Strings.Side.RIGHT);
            case "split" -> Strings.split(text, given);
            case "rsplit" -> Strings.splitFromRight(text, given);
            case "splitlines" -> Strings.lines(text);
            case "startswith" -> Strings.any(given.get(0, "prefix", ""), text::startsWith, given);
            case "endswith" -> Strings.any(given.get(0, "suffix", ""), text::endsWith, given);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "title" -> Strings.title(text);
            case "capitalize" -> Strings.capitalized(text);
            case "replace" ->
                Strings.replaced(
                        text,
                        given.text(0, "old", ""),
                        given.text(1, "new", ""),
                        given.number(2, "count", -1),
                        given.budget());
            case "find" -> {
                int at = text.indexOf(given.text(0, "sub", ""));
                yield (long) (at < 0 ? at : text.codePointCount(0, at));
            }
            case "count" -> Strings.count(text, given.text(0, "sub", ""));
            case "join" ->
                Strings.joined(
                        Values.iterate(given.get(0, "iterable", List.of()), given.source()), text, given.budget());
            case "removeprefix" -> {
                String prefix = given.text(0, "prefix", "");
                yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
            }
            case "removesuffix" -> {
                String suffix = given.text(0, "suffix", "");
                yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
            }
            default -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
        };
    }

    private static String set(Given given) {
        Object set = given.get(0, "chars", Nothing.NONE);
        return set instanceof String letters ? letters : "";
    }
}
