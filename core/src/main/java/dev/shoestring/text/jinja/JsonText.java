package dev.shoestring.text.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The filter {@code tojson} as transformers has it: Python's {@code json.dumps} with letters of all scripts as they are. */
final class JsonText {
    private static final int DEEPEST = 64;

    private final StringBuilder out = new StringBuilder();
    private final Given given;
    private final int indent;
    private final boolean sorted;
    private final String itemSeparator;
    private final String keySeparator;

    private JsonText(Given given) {
        this.given = given;
        Object width = given.get(1, "indent", Nothing.NONE);
        this.indent = width instanceof Long number ? (int) Math.max(0, Math.min(16, number)) : -1;
        this.sorted = Values.truth(given.get(3, "sort_keys", false));
        Object separators = given.get(2, "separators", Nothing.NONE);
        if (separators instanceof List<?> pair && pair.size() == 2) {
            itemSeparator = Values.string(pair.get(0), given.budget());
            keySeparator = Values.string(pair.get(1), given.budget());
        } else {
            itemSeparator = indent < 0 ? ", " : ",";
            keySeparator = ": ";
        }
    }

    static String of(Object value, Given given) {
        Object ascii = given.get(0, "ensure_ascii", false);
        if (Values.truth(ascii)) {
            throw given.failed("tojson(ensure_ascii=true) is not supported");
        }
        JsonText text = new JsonText(given);
        text.write(value, 0);
        given.budget().characters(text.out.length());
        return text.out.toString();
    }

    private void write(Object value, int depth) {
        given.budget().step();
        if (depth > DEEPEST) {
            throw given.failed("tojson of a value of more than " + DEEPEST + " levels");
        }
        if (value instanceof String text) {
            quoted(text);
        } else if (value instanceof Boolean || value instanceof Long) {
            out.append(value);
        } else if (value instanceof Double number) {
            out.append(Values.decimal(number));
        } else if (value == Nothing.NONE) {
            out.append("null");
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (int i = 0; i < list.size(); i++) {
                line(i > 0, depth + 1);
                write(list.get(i), depth + 1);
            }
            close(']', list.isEmpty(), depth);
        } else if (value instanceof Map<?, ?> map) {
            List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
            if (sorted) {
                entries.sort(Comparator.comparing(entry -> Values.string(entry.getKey(), given.budget())));
            }
            out.append('{');
            for (int i = 0; i < entries.size(); i++) {
                line(i > 0, depth + 1);
                quoted(Values.string(entries.get(i).getKey(), given.budget()));
                out.append(keySeparator);
                write(entries.get(i).getValue(), depth + 1);
            }
            close('}', entries.isEmpty(), depth);
        } else {
            throw given.failed("tojson of " + Values.kind(value));
        }
    }

    private void line(boolean separated, int depth) {
        out.append(separated ? itemSeparator : "");
        if (indent >= 0) {
            out.append('\n').append(" ".repeat(indent * depth));
        }
    }

    private void close(char bracket, boolean empty, int depth) {
        if (!empty) {
            line(false, depth);
        }
        out.append(bracket);
    }

    private void quoted(String text) {
        given.budget().characters(text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int known = "\"\\\n\r\t\b\f".indexOf(c);
            if (known >= 0) {
                out.append('\\').append("\"\\nrtbf".charAt(known));
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
