package dev.shoestring.text.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A scope of names, with where text goes. A loop's body and a macro have their own; an {@code if} has not. */
final class Frame {
    private final Map<String, Object> names = new HashMap<>();
    private final @Nullable Frame outer;
    private final Budget budget;
    private final StringBuilder out;

    Frame(@Nullable Frame outer, Budget budget, StringBuilder out) {
        this.outer = outer;
        this.budget = budget;
        this.out = out;
    }

    Frame inner() {
        return new Frame(this, budget, out);
    }

    Frame writingTo(StringBuilder other) {
        return new Frame(this, budget, other);
    }

    Object get(String name) {
        for (Frame frame = this; frame != null; frame = frame.outer) {
            Object value = frame.names.get(name);
            if (value != null) {
                return value;
            }
        }
        return Nothing.UNDEFINED;
    }

    void set(String name, Object value) {
        names.put(name, value);
    }

    void write(String text) {
        budget.characters(text.length());
        out.append(text);
    }

    Budget budget() {
        return budget;
    }
}
