package dev.shoestring.text.jinja;

import dev.shoestring.recipe.InputException;
import java.util.List;
import java.util.Map;

/** Arguments of a filter or method. */
record Given(List<Object> arguments, Map<String, Object> named, Budget budget, String source) {
    /** The argument of that place or name; {@code otherwise} if it was not given. */
    Object get(int place, String name, Object otherwise) {
        return place < arguments.size() ? arguments.get(place) : named.getOrDefault(name, otherwise);
    }

    String text(int place, String name, String otherwise) {
        return Values.string(get(place, name, otherwise), budget);
    }

    long number(int place, String name, long otherwise) {
        return get(place, name, otherwise) instanceof Long number ? number : otherwise;
    }

    InputException failed(String what) {
        return new InputException(source + ": " + what);
    }
}
