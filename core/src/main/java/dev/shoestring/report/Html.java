package dev.shoestring.report;

/** HTML under construction. Markup is written by {@link #raw}, all else by {@link #text}, which cannot end or open an element. */
final class Html {
    private final StringBuilder out = new StringBuilder();

    /** Appends markup of ours. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** Appends text from anywhere. */
    Html text(String text) {
        out.append(escape(text));
        return this;
    }

    /** Appends {@code <element>text</element>}; {@code opening} may carry attributes of ours: {@code td class="number"}. */
    Html element(String opening, String text) {
        int end = opening.indexOf(' ');
        String name = end < 0 ? opening : opening.substring(0, end);
        return raw("<" + opening + ">").text(text).raw("</" + name + ">");
    }

    /** A cell with a number. */
    Html number(String text) {
        return element("td class=\"number\"", text);
    }

    /** Text for use inside an element or a quoted attribute. Control characters, which HTML forbids, become U+FFFD. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(Character.isISOControl(c) && !Character.isWhitespace(c) ? '\ufffd' : c);
            }
        }
        return escaped.toString();
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
