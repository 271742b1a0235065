package dev.shoestring.text.jinja;

/** A parsed expression. */
@FunctionalInterface
interface Expression {
    Object value(Frame frame);
}
