package dev.shoestring.text.jinja;

import java.util.List;

/** What {@code loop} is in a loop's body. */
final class Loop {
    private final List<Object> items;
    private int index;

    Loop(List<Object> items) {
        this.items = items;
    }

    void at(int position) {
        index = position;
    }

    Object get(String name) {
        int size = items.size();
        return switch (name) {
            case "index" -> (long) index + 1;
            case "index0" -> (long) index;
            case "revindex" -> (long) size - index;
            case "revindex0" -> (long) size - index - 1;
            case "first" -> index == 0;
            case "last" -> index == size - 1;
            case "length" -> (long) size;
            case "depth" -> 1L;
            case "depth0" -> 0L;
            case "previtem" -> index == 0 ? Nothing.UNDEFINED : items.get(index - 1);
            case "nextitem" -> index == size - 1 ? Nothing.UNDEFINED : items.get(index + 1);
            case "cycle" -> (JinjaFunction) (arguments, named) -> arguments.get(index % arguments.size());
            default -> Nothing.UNDEFINED;
        };
    }
}
