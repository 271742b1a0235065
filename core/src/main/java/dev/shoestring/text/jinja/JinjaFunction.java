package dev.shoestring.text.jinja;

import java.util.List;
import java.util.Map;

/** What a template may call. Values are strings, booleans, {@code Long}, {@code Double}, lists, maps, functions and {@link Nothing}. */
@FunctionalInterface
public interface JinjaFunction {
    /** Calls it with its arguments. */
    Object call(List<Object> arguments, Map<String, Object> named);
}
