package dev.shoestring.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A small picture of rectangles, lines and words, to be written as SVG or as PNG.
 *
 * @param width in pixels
 * @param height in pixels
 * @param shapes in the order they are drawn
 */
record Drawing(int width, int height, List<Shape> shapes) {
    Drawing {
        shapes = List.copyOf(shapes);
    }

    /** Where a word's anchor lies. */
    enum Anchor {
        START,
        MIDDLE,
        END
    }

    /** Anything drawn. Colours are {@code #rrggbb}. */
    sealed interface Shape {
        /** A filled rectangle; {@code hollow} draws its outline alone. */
        record Box(double x, double y, double width, double height, String color, boolean hollow) implements Shape {}

        /** A line, dashed or not. */
        record Line(double x1, double y1, double x2, double y2, String color, boolean dashed) implements Shape {}

        /** Words on one line. */
        record Words(double x, double y, String text, int size, boolean bold, String color, Anchor anchor)
                implements Shape {}
    }

    /** Collects shapes. */
    static final class Builder {
        private final List<Shape> shapes = new ArrayList<>();

        Builder add(Shape shape) {
            shapes.add(shape);
            return this;
        }

        Drawing build(int width, int height) {
            return new Drawing(width, height, shapes);
        }
    }
}
