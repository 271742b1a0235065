package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EncoderShapeTest {
    @Test
    void miniLmHasThePublishedNumberOfParameters() {
        EncoderShape withoutClassifier = new EncoderShape(30522, 6, 384, 12, 1536, 512, 2, 0);
        assertThat(withoutClassifier.parameters()).isEqualTo(22_713_216);
        EncoderShape with25Labels = new EncoderShape(30522, 6, 384, 12, 1536, 512, 2, 25);
        assertThat(with25Labels.parameters()).isEqualTo(22_713_216 + 25 * 384 + 25);
    }

    @Test
    void bertBaseHasThePublishedNumberOfParameters() {
        assertThat(new EncoderShape(30522, 12, 768, 12, 3072, 512, 2, 2).parameters())
                .isEqualTo(109_482_240 + 2 * 768 + 2);
    }

    @Test
    void countsByHand() {
        EncoderShape shape = new EncoderShape(7, 3, 4, 2, 5, 6, 2, 3);
        assertThat(shape.embeddingParameters()).isEqualTo((7 + 6 + 2) * 4 + 8);
        // query, key, value, output; up, down; two LayerNorms
        assertThat(shape.layerParameters()).isEqualTo(4 * (16 + 4) + (20 + 5) + (20 + 4) + 2 * 8);
        assertThat(shape.headParameters()).isEqualTo(16 + 4 + 12 + 3);
        assertThat(shape.parameters()).isEqualTo(68 + 3 * 145 + 35);
    }

    @Test
    void largeNetworksDoNotOverflow() {
        EncoderShape shape = new EncoderShape(250_000, 100, 16_384, 128, 65_536, 4096, 2, 1000);
        assertThat(shape.parameters()).isGreaterThan(300_000_000_000L);
    }
}
