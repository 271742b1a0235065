package dev.shoestring.benchmarks;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** A benchmark's {@code --name value} arguments. Unknown names end it with a message. */
final class Options {
    private final Map<String, String> given = new HashMap<>();

    Options(String[] arguments, Set<String> known) {
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i].replaceFirst("^--", "");
            if (!known.contains(name) || i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + ": valid are, each with a value, " + known);
            }
            given.put(name, arguments[i + 1]);
        }
    }

    String text(String name, String otherwise) {
        return given.getOrDefault(name, otherwise);
    }

    int number(String name, int otherwise) {
        return Integer.parseInt(given.getOrDefault(name, Integer.toString(otherwise)));
    }
}
