package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files are made by Pillow: the left half red, the right half blue, the upper quarter darker. */
final class ImageDecoderTest {
    private static final int SIZE = 12;

    private static byte[] file(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ImageDecoderTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    private static int value(byte[] pixels, int x, int y, int channel) {
        return pixels[(y * SIZE + x) * 3 + channel] & 0xff;
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain.jpg", "plain.bmp", "lossy.webp", "palette.gif", "orientation6.jpg", "cmyk.jpg"})
    void everyFormatComesOutUprightAndInColour(String name) throws IOException {
        byte[] pixels = new ImageDecoder(SIZE, 3).decode(file(name));
        assertThat(pixels).hasSize(SIZE * SIZE * 3);
        // A CMYK file without a profile comes out duller.
        assertThat(value(pixels, 2, 8, 0)).isGreaterThan(2 * value(pixels, 2, 8, 2));
        assertThat(value(pixels, 9, 8, 2)).isGreaterThan(2 * value(pixels, 9, 8, 0));
        assertThat(value(pixels, 2, 0, 0)).isLessThan(value(pixels, 2, 8, 0) * 3 / 4);
    }

    @Test
    void transparencyIsWhite() throws IOException {
        byte[] pixels = new ImageDecoder(SIZE, 3).decode(file("alpha.png"));
        assertThat(value(pixels, 2, 10, 1)).isGreaterThan(240);
        assertThat(value(pixels, 2, 4, 0)).isGreaterThan(150);
    }

    @Test
    void sixteenBitGreyKeepsItsValues() throws IOException {
        byte[] pixels = new ImageDecoder(24, 1).decode(file("grey16.png"));
        assertThat(pixels[0] & 0xff).isZero();
        assertThat(pixels[24 * 24 - 1] & 0xff).isEqualTo(255);
        // Linear from corner to corner: grey is not brightened on its way.
        assertThat(pixels[24 * 12] & 0xff).isBetween(126, 129);
    }

    @Test
    void anImageCutShortIsRefused() throws IOException {
        byte[] whole = file("plain.jpg");
        assertThatThrownBy(() -> new ImageDecoder(SIZE, 3).decode(file("truncated.jpg")))
                .isInstanceOf(IOException.class);
        assertThat(new ImageDecoder(SIZE, 3).decode(whole)).isNotEmpty();
    }

    @Test
    void damagedFilesAreRefusedAndNeverEndTheProgram() throws IOException {
        Random random = new Random(5);
        for (String name : new String[] {"plain.jpg", "alpha.png", "lossy.webp", "palette.gif", "plain.bmp"}) {
            for (int round = 0; round < 60; round++) {
                byte[] bytes = file(name);
                for (int i = 0; i < 1 + round / 6; i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                try {
                    assertThat(new ImageDecoder(SIZE, 3).decode(bytes)).hasSize(SIZE * SIZE * 3);
                } catch (IOException refused) {
                    assertThat(refused).hasMessageMatching("(?s).+");
                }
            }
        }
    }

    @Test
    void aHeaderThatPromisesTooMuchIsRefusedBeforeMemoryIsTaken() throws IOException {
        BufferedImage one = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(one, "png", out);
        byte[] bomb = out.toByteArray();
        // Width and height of a PNG are big-endian at 16 and 20.
        bomb[18] = 0x75;
        bomb[22] = 0x75;
        assertThatThrownBy(() -> new ImageDecoder(SIZE, 3).decode(bomb))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("its header says 29953 × 29953 pixels");
    }
}
