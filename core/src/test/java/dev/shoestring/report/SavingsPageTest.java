package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SavingsPageTest {
    private static final SavingsReport.Streamlined STREAMLINED = new SavingsReport.Streamlined(
            "0.5x the operations",
            2,
            0.82,
            0.80,
            "text",
            new SavingsReport.ToTarget(83, 1e13, 300, 0.003),
            sure(4),
            sure(2.5),
            sure(1.6),
            sure(2.1),
            sure(2.2),
            92_000,
            "does not pay here: <b>");

    private static SavingsReport.Factor sure(double mean) {
        return new SavingsReport.Factor(mean, mean, mean, SavingsReport.Bound.NONE);
    }

    private static SavingsReport sample() {
        return new SavingsReport(
                "definitions",
                "accuracy",
                0.81,
                "as asked for",
                3,
                "cpu, bf16",
                "USD",
                "a price list",
                new SavingsReport.Words("bag of words", 0.71, 0.6, false),
                List.of(
                        new SavingsReport.Rung(
                                "plain baseline", new SavingsReport.ToTarget(300, 4e13, 1000, 0.01), 0, 0, 0.4),
                        new SavingsReport.Rung(
                                "+ pre-trained <weights>",
                                new SavingsReport.ToTarget(120, 2e13, 500, 0.004),
                                4.2,
                                3,
                                0.82),
                        new SavingsReport.Rung(
                                "+ something costly", new SavingsReport.ToTarget(140, 2e13, 500, 0.004), 3.1, 3, 0.82)),
                List.of(new SavingsReport.Worth(
                        "pre-trained <weights>",
                        new SavingsReport.Factor(2.5, 2.4, Double.POSITIVE_INFINITY, SavingsReport.Bound.LOWER),
                        new SavingsReport.Factor(1.2, 1.1, 1.3, SavingsReport.Bound.NONE),
                        "pays")),
                STREAMLINED);
    }

    @Test
    void aRungThatNeverReachedTheTargetIsMoreThan() {
        assertThat(SavingsPage.text(sample()))
                .contains("> 5 min")
                .contains("0 of 3")
                .contains("≥ 2.50×");
        assertThat(SavingsPage.html(sample())).contains("more than 5 min").contains("&lt;weights&gt;");
    }

    @Test
    void streamlinedSaysWhatAPredictionNeedsLessAndWhatThatCost() {
        assertThat(SavingsPage.text(sample()))
                .contains(
                        "a text needs less",
                        "2 of 3",
                        "÷ 4.00",
                        "÷ 2.10",
                        "+ 83 s",
                        "streamlined to 0.5x the operations: does not pay here");
        assertThat(SavingsPage.html(sample())).contains("Streamlined", "does not pay here: &lt;b&gt;");
    }

    @Test
    void theBagOfWordsIsAlwaysOnTheChart() {
        assertThat(SvgFile.render(Waterfall.of(sample()), "chart"))
                .contains("bag of words")
                .contains("0.710 only");
    }

    @Test
    void thePictureIsDrawn(@TempDir Path folder) throws Exception {
        String left = SavingsPage.write(folder, sample());
        assertThat(Files.readString(folder.resolve("savings.json"))).contains("\"target\" : 0.81");
        // A machine without fonts has no picture, and must say so; any other must draw it.
        if (!left.isEmpty()) {
            assertThat(left).contains("waterfall.png could not be written");
            assertThat(Files.exists(folder.resolve("waterfall.png"))).isFalse();
        } else {
            BufferedImage image = ImageIO.read(folder.resolve("waterfall.png").toFile());
            assertThat(image.getWidth()).isEqualTo(2000);
            assertThat(image.getRGB(2 * 300, 2 * (64 + 22)) & 0xffffff).isEqualTo(0x8a8a8a);
        }
    }
}
