package dev.shoestring.data;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.color.ColorSpace;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataFormatImpl;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Decodes one image file to a small square of bytes: upright as its EXIF orientation says, on white where it is transparent, the
 * shorter side brought to the size asked for and the middle of the longer side kept. Reads what the JDK and TwelveMonkeys read: JPEG
 * (CMYK too), PNG (16 bits too), GIF (its first frame), BMP, WebP. An image that is cut short or damaged is refused, not guessed at.
 */
final class ImageDecoder {
    /** Raised when this class begins to give other bytes for the same file. */
    static final int VERSION = 1;

    private static final long MOST_PIXELS = 200_000_000;
    private static final int MOST_ON_A_SIDE = 60_000;
    private static final int OVERSAMPLING = 3;

    private final int size;
    private final int channels;

    ImageDecoder(int size, int channels) {
        this.size = size;
        this.channels = channels;
    }

    /** {@code size × size × channels} bytes. */
    byte[] decode(byte[] file) throws IOException {
        try {
            return bytes(square(upright(file)));
        } catch (IOException broken) {
            // Some readers say nothing at a file's early end.
            throw broken.getMessage() == null ? new IIOException("damaged (" + broken + ")", broken) : broken;
        } catch (RuntimeException | StackOverflowError broken) {
            // What readers throw at files made to break them.
            throw new IIOException("damaged (" + broken + ")", broken);
        }
    }

    private BufferedImage upright(byte[] file) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IIOException("no JPEG, PNG, GIF, BMP or WebP image");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                int width = reader.getWidth(0);
                int height = reader.getHeight(0);
                if (width < 1
                        || height < 1
                        || width > MOST_ON_A_SIDE
                        || height > MOST_ON_A_SIDE
                        || (long) width * height > MOST_PIXELS) {
                    throw new IIOException("its header says " + width + " × " + height + " pixels; at most "
                            + MOST_PIXELS / 1_000_000 + " million are read");
                }
                String[] warning = new String[1];
                reader.addIIOReadWarningListener((source, text) -> warning[0] = text);
                ImageReadParam param = reader.getDefaultReadParam();
                int every = Math.max(1, Math.min(width, height) / (OVERSAMPLING * size));
                param.setSourceSubsampling(every, every, 0, 0);
                BufferedImage image = reader.read(0, param);
                if (warning[0] != null && warning[0].matches("(?i).*(truncat|premature|corrupt|missing eoi).*")) {
                    throw new IIOException("cut short (" + warning[0] + ")");
                }
                return oriented(plain(image), orientation(reader));
            } finally {
                reader.dispose();
            }
        }
    }

    /** The standard name of the orientation, such as {@code Rotate90}, if the file gives one. */
    private static @Nullable String orientation(ImageReader reader) {
        try {
            IIOMetadata metadata = reader.getImageMetadata(0);
            if (metadata == null || !metadata.isStandardMetadataFormatSupported()) {
                return null;
            }
            Node tree = metadata.getAsTree(IIOMetadataFormatImpl.standardMetadataFormatName);
            NodeList found = ((Element) tree).getElementsByTagName("ImageOrientation");
            return found.getLength() == 0 ? null : ((Element) found.item(0)).getAttribute("value");
        } catch (IOException | RuntimeException unreadable) {
            // The pixels are there; only what is said beside them is not.
            return null;
        }
    }

    /** Red, green and blue on white. Grey values are taken as they are: Java's own conversion would brighten them. */
    private static BufferedImage plain(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        BufferedImage plain = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
            Raster raster = image.getRaster();
            int shift = Math.max(0, image.getSampleModel().getSampleSize(0) - 8);
            int few = image.getSampleModel().getSampleSize(0);
            boolean alpha = raster.getNumBands() > 1;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int grey = raster.getSample(x, y, 0) >> shift;
                    if (few < 8) {
                        grey = grey * 255 / ((1 << few) - 1);
                    }
                    if (alpha) {
                        int opacity = raster.getSample(x, y, 1) >> shift;
                        grey = (grey * opacity + 255 * (255 - opacity)) / 255;
                    }
                    plain.setRGB(x, y, grey << 16 | grey << 8 | grey);
                }
            }
            return plain;
        }
        Graphics2D graphics = plain.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, width, height);
            graphics.drawImage(image, 0, 0, null);
        } finally {
            graphics.dispose();
        }
        return plain;
    }

    private static BufferedImage oriented(BufferedImage image, @Nullable String orientation) {
        if (orientation == null || orientation.isEmpty() || orientation.equals("Normal")) {
            return image;
        }
        int w = image.getWidth();
        int h = image.getHeight();
        // Where the pixel (x, y) goes: m00 x + m01 y + m02, m10 x + m11 y + m12.
        AffineTransform turn =
                switch (orientation) {
                    case "FlipH" -> new AffineTransform(-1, 0, 0, 1, w, 0);
                    case "Rotate180" -> new AffineTransform(-1, 0, 0, -1, w, h);
                    case "FlipV" -> new AffineTransform(1, 0, 0, -1, 0, h);
                    case "FlipHRotate90" -> new AffineTransform(0, 1, 1, 0, 0, 0);
                    case "Rotate270" -> new AffineTransform(0, 1, -1, 0, h, 0);
                    case "FlipVRotate90" -> new AffineTransform(0, -1, -1, 0, h, w);
                    case "Rotate90" -> new AffineTransform(0, -1, 1, 0, 0, w);
                    default -> new AffineTransform();
                };
        boolean turned = orientation.endsWith("90") || orientation.endsWith("270");
        BufferedImage upright = new BufferedImage(turned ? h : w, turned ? w : h, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = upright.createGraphics();
        try {
            graphics.drawImage(image, turn, null);
        } finally {
            graphics.dispose();
        }
        return upright;
    }

    /** Halves the image until a last bilinear step does, so that no pixel is skipped, and keeps the middle. */
    private BufferedImage square(BufferedImage image) {
        int side = Math.min(image.getWidth(), image.getHeight());
        BufferedImage current =
                image.getSubimage((image.getWidth() - side) / 2, (image.getHeight() - side) / 2, side, side);
        while (side != size) {
            int next = side > 2 * size ? (side + 1) / 2 : size;
            BufferedImage smaller = new BufferedImage(next, next, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = smaller.createGraphics();
            try {
                graphics.setRenderingHint(
                        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
                graphics.drawImage(current, 0, 0, next, next, null);
            } finally {
                graphics.dispose();
            }
            current = smaller;
            side = next;
        }
        return current;
    }

    private byte[] bytes(BufferedImage image) {
        int[] pixels = image.getRGB(0, 0, size, size, null, 0, size);
        byte[] bytes = new byte[pixels.length * channels];
        int at = 0;
        for (int pixel : pixels) {
            int red = pixel >> 16 & 0xff;
            int green = pixel >> 8 & 0xff;
            int blue = pixel & 0xff;
            if (channels == 1) {
                // Luma of ITU-R BT.601.
                bytes[at++] = (byte) Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
            } else {
                bytes[at++] = (byte) red;
                bytes[at++] = (byte) green;
                bytes[at++] = (byte) blue;
            }
        }
        return bytes;
    }
}
