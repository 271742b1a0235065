package dev.shoestring.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Python's ways with strings. */
final class Strings {
    private Strings() {}

    /** Sides of a string. */
    enum Side {
        LEFT,
        RIGHT,
        BOTH
    }

    /** Without the characters of {@code set} at the ends; an empty set means white space. */
    static String stripped(String text, String set, Side side) {
        int from = 0;
        int to = text.length();
        while (side != Side.RIGHT && from < to && in(text.codePointAt(from), set)) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (side != Side.LEFT && to > from && in(text.codePointBefore(to), set)) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static boolean in(int point, String set) {
        return set.isEmpty() ? isSpace(point) : set.indexOf(point) >= 0;
    }

    static boolean isSpace(int point) {
        return Character.isWhitespace(point) || Character.isSpaceChar(point) || point == 0x85;
    }

    static List<Object> split(String text, Given given) {
        Object separator = given.get(0, "sep", Nothing.NONE);
        long most = given.number(1, "maxsplit", -1);
        List<Object> parts = new ArrayList<>();
        if (!(separator instanceof String by)) {
            return words(text, most);
        }
        if (by.isEmpty()) {
            throw given.failed(".split() by an empty string");
        }
        int from = 0;
        for (int at = text.indexOf(by); at >= 0 && (most < 0 || parts.size() < most); at = text.indexOf(by, from)) {
            given.budget().step();
            parts.add(text.substring(from, at));
            from = at + by.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static List<Object> words(String text, long most) {
        List<Object> words = new ArrayList<>();
        String rest = stripped(text, "", Side.LEFT);
        while (!rest.isEmpty()) {
            if (most >= 0 && words.size() == most) {
                words.add(rest);
                return words;
            }
            int end = 0;
            while (end < rest.length() && !isSpace(rest.charAt(end))) {
                end++;
            }
            words.add(rest.substring(0, end));
            int next = end;
            while (next < rest.length() && isSpace(rest.charAt(next))) {
                next++;
            }
            rest = rest.substring(next);
        }
        return words;
    }

    static List<Object> splitFromRight(String text, Given given) {
        long most = given.number(1, "maxsplit", -1);
        if (!(given.get(0, "sep", Nothing.NONE) instanceof String by) || by.isEmpty()) {
            throw given.failed(".rsplit() needs a separator here");
        }
        List<Object> parts = new ArrayList<>();
        int to = text.length();
        while (most < 0 || parts.size() < most) {
            given.budget().step();
            int at = to < by.length() ? -1 : text.lastIndexOf(by, to - by.length());
            if (at < 0) {
                break;
            }
            parts.add(text.substring(at + by.length(), to));
            to = at;
        }
        parts.add(text.substring(0, to));
        Collections.reverse(parts);
        return parts;
    }

    static List<Object> lines(String text) {
        return new ArrayList<>(text.lines().toList());
    }

    static boolean any(Object sought, Predicate<String> holds, Given given) {
        if (sought instanceof List<?> several) {
            return several.stream().anyMatch(one -> one instanceof String text && holds.test(text));
        }
        if (!(sought instanceof String text)) {
            throw given.failed(".startswith() or .endswith() of " + Values.kind(sought));
        }
        return holds.test(text);
    }

    static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            title.append(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inside = Character.isLetter(c);
        }
        return title.toString();
    }

    static String capitalized(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    static String replaced(String text, String old, String fresh, long most, Budget budget) {
        if (old.isEmpty()) {
            return text;
        }
        StringBuilder all = new StringBuilder();
        int from = 0;
        long count = 0;
        for (int at = text.indexOf(old); at >= 0 && (most < 0 || count < most); at = text.indexOf(old, from)) {
            budget.characters(fresh.length() + 1L);
            all.append(text, from, at).append(fresh);
            from = at + old.length();
            count++;
        }
        return all.append(text, from, text.length()).toString();
    }

    static long count(String text, String sought) {
        long count = 0;
        for (int at = sought.isEmpty() ? -1 : text.indexOf(sought);
                at >= 0;
                at = text.indexOf(sought, at + sought.length())) {
            count++;
        }
        return count;
    }

    static String joined(List<Object> items, String between, Budget budget) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            String text = Values.string(items.get(i), budget);
            budget.characters(text.length() + (long) between.length());
            all.append(i > 0 ? between : "").append(text);
        }
        return all.toString();
    }
}
