package dev.shoestring.report;

import java.util.Locale;

/** A drawing as SVG. Words from anywhere are escaped. */
final class SvgFile {
    private SvgFile() {}

    static String render(Drawing drawing, String description) {
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"100%%\" role=\"img\" aria-label=\"%s\" "
                        + "font-family=\"Inter, Segoe UI, Helvetica, Arial, sans-serif\">",
                drawing.width(),
                drawing.height(),
                Html.escape(description)));
        drawing.shapes().forEach(shape -> append(svg, shape));
        return svg.append("</svg>\n").toString();
    }

    private static void append(StringBuilder svg, Drawing.Shape shape) {
        if (shape instanceof Drawing.Shape.Box box) {
            String paint = box.hollow()
                    ? "fill=\"none\" stroke-dasharray=\"4 3\" stroke=\"" + box.color() + "\""
                    : "fill=\"" + box.color() + "\"";
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" %s/>",
                    box.x(),
                    box.y(),
                    box.width(),
                    box.height(),
                    paint));
        } else if (shape instanceof Drawing.Shape.Line line) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>",
                    line.x1(),
                    line.y1(),
                    line.x2(),
                    line.y2(),
                    line.color(),
                    line.dashed() ? " stroke-dasharray=\"5 4\"" : ""));
        } else if (shape instanceof Drawing.Shape.Words words) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" font-weight=\"%d\" fill=\"%s\" text-anchor=\"%s\">%s</text>",
                    words.x(),
                    words.y(),
                    words.size(),
                    words.bold() ? 650 : 400,
                    words.color(),
                    words.anchor().name().toLowerCase(Locale.ROOT),
                    Html.escape(words.text())));
        }
    }
}
