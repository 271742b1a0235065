package dev.shoestring.report;

import dev.shoestring.data.Pictures;
import dev.shoestring.recipe.InputException;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Many small images on one page, with captions.
 *
 * @param title what they are
 * @param headings a heading for each column
 * @param columns the images of each column, all of the same number
 */
public record ContactSheet(String title, List<String> headings, List<List<Tile>> columns) {
    private static final int SMALLEST_SIDE = 112;
    private static final int GAP = 14;
    private static final int CAPTION = 18;
    private static final int TOP = 74;

    /** Copies the lists. */
    public ContactSheet {
        headings = List.copyOf(headings);
        columns = columns.stream().map(List::copyOf).toList();
    }

    /** An image in a store's order of bytes. A class and no record, for its array is compared nowhere. */
    public static final class Tile {
        private final byte[] pixels;
        private final int size;
        private final int channels;
        private final String caption;

        /** {@code size × size × channels} bytes and what stands under them. */
        public Tile(byte[] pixels, int size, int channels, String caption) {
            this.pixels = pixels;
            this.size = size;
            this.channels = channels;
            this.caption = caption;
        }

        /** What stands under it. */
        public String caption() {
            return caption;
        }
    }

    /**
     * Writes it as PNG.
     *
     * @return what could not be drawn, in words; empty if all was
     * @throws InputException if the file cannot be written
     */
    public String write(Path file) {
        Tile first = columns.get(0).get(0);
        int side = first.size * Math.max(1, (SMALLEST_SIDE + first.size - 1) / first.size);
        int rows = columns.get(0).size();
        int width = columns.size() * (side + GAP) + GAP;
        int height = TOP + rows * (side + CAPTION + GAP);
        BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        String left = "";
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, width, height);
            for (int column = 0; column < columns.size(); column++) {
                for (int row = 0; row < rows; row++) {
                    Tile tile = columns.get(column).get(row);
                    BufferedImage image = Pictures.of(tile.pixels, tile.size, tile.channels);
                    graphics.drawImage(image, x(column, side), y(row, side), side, side, null);
                }
            }
            left = words(graphics, side);
        } finally {
            graphics.dispose();
        }
        try {
            Path draft = file.resolveSibling(file.getFileName() + ".tmp");
            ImageIO.write(sheet, "png", draft.toFile());
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new InputException(file + ": cannot be written (" + failed + "); name another with --out", failed);
        }
        return left;
    }

    private static int x(int column, int side) {
        return GAP + column * (side + GAP);
    }

    private static int y(int row, int side) {
        return TOP + row * (side + CAPTION + GAP);
    }

    private String words(Graphics2D graphics, int side) {
        try {
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setColor(Color.BLACK);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 17));
            graphics.drawString(title + ": what the network will see", GAP, 28);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
            for (int column = 0; column < columns.size(); column++) {
                graphics.drawString(headings.get(column), x(column, side), TOP - 10);
                for (int row = 0; row < columns.get(column).size(); row++) {
                    String caption = columns.get(column).get(row).caption();
                    while (caption.length() > 4 && graphics.getFontMetrics().stringWidth(caption) > side) {
                        caption = caption.substring(0, caption.length() - 2) + "…";
                    }
                    graphics.drawString(caption, x(column, side), y(row, side) + side + 14);
                }
            }
            return "";
        } catch (LinkageError | InternalError noFonts) {
            return "captions could not be drawn: this Java has no fonts (" + noFonts.getMessage() + ")";
        }
    }
}
