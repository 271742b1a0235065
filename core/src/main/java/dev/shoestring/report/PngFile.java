package dev.shoestring.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** A drawing as PNG, at twice its size. */
final class PngFile {
    private static final int SCALE = 2;

    private PngFile() {}

    /**
     * Writes it.
     *
     * @throws IOException if the file cannot be written, or this Java has no fonts to draw words with
     */
    static void write(Path file, Drawing drawing) throws IOException {
        BufferedImage image =
                new BufferedImage(drawing.width() * SCALE, drawing.height() * SCALE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.scale(SCALE, SCALE);
            graphics.setColor(Color.WHITE);
            graphics.fill(new Rectangle2D.Double(0, 0, drawing.width(), drawing.height()));
            for (Drawing.Shape shape : drawing.shapes()) {
                draw(graphics, shape);
            }
        } catch (LinkageError | InternalError noFonts) {
            throw new IOException("this Java cannot draw words: " + noFonts.getMessage(), noFonts);
        } finally {
            graphics.dispose();
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        if (!ImageIO.write(image, "png", fresh.toFile())) {
            throw new IOException("this Java cannot write PNG");
        }
        Files.move(fresh, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static void draw(Graphics2D graphics, Drawing.Shape shape) {
        if (shape instanceof Drawing.Shape.Box box) {
            graphics.setColor(Color.decode(box.color()));
            Rectangle2D rectangle = new Rectangle2D.Double(box.x(), box.y(), box.width(), box.height());
            if (box.hollow()) {
                graphics.setStroke(dashes());
                graphics.draw(rectangle);
            } else {
                graphics.fill(rectangle);
            }
        } else if (shape instanceof Drawing.Shape.Line line) {
            graphics.setColor(Color.decode(line.color()));
            graphics.setStroke(line.dashed() ? dashes() : new BasicStroke(1));
            graphics.draw(new Line2D.Double(line.x1(), line.y1(), line.x2(), line.y2()));
        } else if (shape instanceof Drawing.Shape.Words words) {
            graphics.setColor(Color.decode(words.color()));
            graphics.setFont(new Font(Font.SANS_SERIF, words.bold() ? Font.BOLD : Font.PLAIN, words.size()));
            double width = graphics.getFontMetrics().stringWidth(words.text());
            double shift =
                    switch (words.anchor()) {
                        case START -> 0;
                        case MIDDLE -> width / 2;
                        case END -> width;
                    };
            graphics.drawString(words.text(), (float) (words.x() - shift), (float) words.y());
        }
    }

    private static BasicStroke dashes() {
        return new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {5, 4}, 0);
    }
}
