package dev.shoestring.text.jinja;

import java.util.HashMap;
import java.util.Map;

/** What {@code namespace()} gives: names that can be set inside loops. */
final class Namespace {
    private final Map<String, Object> names = new HashMap<>();

    Object get(String name) {
        return names.getOrDefault(name, Nothing.UNDEFINED);
    }

    void set(String name, Object value) {
        names.put(name, value);
    }
}
