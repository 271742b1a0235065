package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.recipe.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShrinkTargetTest {
    private static final EncoderShape MINILM = new EncoderShape(30522, 6, 384, 12, 1536, 512, 2, 25);

    @Test
    void readsSharesAndNumbers() {
        assertThat(ShrinkTarget.parse("0.5x"))
                .isEqualTo(ShrinkTarget.flops(0.5))
                .hasToString("0.5x the operations");
        ShrinkTarget both = ShrinkTarget.parse("flops=120M,parameters=0.25x");
        assertThat(both.flops()).isEqualTo(new ShrinkTarget.Limit(120e6, false));
        assertThat(both.parameters()).isEqualTo(new ShrinkTarget.Limit(0.25, true));
    }

    @Test
    void readsTimes() {
        assertThat(ShrinkTarget.parse("2ms"))
                .isEqualTo(new ShrinkTarget(null, null, new ShrinkTarget.Limit(2, false)))
                .hasToString("2 ms alone");
        assertThat(ShrinkTarget.parse("parameters=0.25x,ms=0.5x"))
                .isEqualTo(
                        new ShrinkTarget(null, new ShrinkTarget.Limit(0.25, true), new ShrinkTarget.Limit(0.5, true)))
                .hasToString("0.25x the parameters, 0.5x the time alone");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0ms",
                "ms=",
                "2ms,ms=1",
                "2s",
                "ms=2x",
                "0.5",
                "2x",
                "0x",
                "-1x",
                "half",
                "flops=",
                "0.5x,flops=0.4x",
                "layers=3",
                "0.5x,"
            })
    void whatIsNoTargetIsRefused(String text) {
        assertThatThrownBy(() -> ShrinkTarget.parse(text))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--target")
                .hasMessageContaining("0.5x");
    }

    @Test
    void everyShapeIsWithinTheLimitsByThePlansCounters() {
        int[] lengths = {12, 30, 17};
        EncoderShapes shapes =
                new EncoderShapes(MINILM, shape -> new EncoderFlops(shape).forward(lengths), 16000, 8000, 2000, 64);
        double full = new EncoderFlops(MINILM).forward(lengths);
        List<EncoderShape> within = shapes.within(0.4 * full, 0.25 * MINILM.parameters());
        assertThat(within).hasSizeGreaterThan(2).allSatisfy(shape -> {
            assertThat(new EncoderFlops(shape).forward(lengths)).isLessThanOrEqualTo(0.4 * full);
            assertThat(shape.parameters()).isLessThanOrEqualTo(MINILM.parameters() / 4);
            assertThat(shape.hiddenSize() % shape.numHeads()).isZero();
            assertThat(shape.vocabSize()).isBetween(2000, 16000);
            assertThat(shape.maxPositions()).isEqualTo(64);
        });
        assertThat(shapes.within(1e-3 * full, Double.MAX_VALUE)).isEmpty();
        assertThat(shapes.within(full, Double.MAX_VALUE).get(0))
                .isEqualTo(new EncoderShape(16000, 6, 384, 12, 1536, 64, 2, 25));
    }

    @Test
    void narrowerBlocksMakeRoomForEnoughOfTheVocabulary() {
        EncoderShapes shapes = new EncoderShapes(MINILM, EncoderShape::parameters, 16000, 11000, 2000, 64);
        List<EncoderShape> within = shapes.within(Double.MAX_VALUE, 0.25 * MINILM.parameters());
        assertThat(within)
                .filteredOn(shape -> shape.hiddenSize() == 256 && shape.layers() == 4)
                .singleElement()
                .satisfies(shape -> {
                    assertThat(shape.vocabSize()).isBetween(11000, 12000);
                    assertThat(shape.intermediateSize()).isBetween(768, 864);
                });
        assertThat(within)
                .as("no more channels for the width than the full network has")
                .filteredOn(shape -> shape.hiddenSize() == 192)
                .singleElement()
                .satisfies(shape -> {
                    assertThat(shape.layers()).isEqualTo(4);
                    assertThat(shape.intermediateSize()).isEqualTo(768);
                    assertThat(shape.vocabSize()).isEqualTo(16000);
                });
        assertThat(within).allSatisfy(shape -> assertThat(shape.vocabSize()).isBetween(11000, 16000));
        assertThat(shapes.within(Double.MAX_VALUE, 0.03 * MINILM.parameters()))
                .as("where no size leaves room for 11,000 rows, those that fit with fewer")
                .isNotEmpty()
                .allSatisfy(shape -> assertThat(shape.vocabSize()).isBetween(2000, 10999));
        assertThat(shapes.within(
                        Double.MAX_VALUE,
                        Double.MAX_VALUE,
                        shape -> shape.layers() <= 2 && shape.intermediateSize() < 700))
                .isNotEmpty()
                .allSatisfy(shape -> {
                    assertThat(shape.layers()).isLessThanOrEqualTo(2);
                    assertThat(shape.intermediateSize()).isBetween(640, 699);
                });
    }

    @Test
    void layersAreTheFirstWithTheLast() {
        assertThat(EncoderShapes.layers(6, 3)).containsExactly(0, 1, 5);
        assertThat(EncoderShapes.layers(6, 1)).containsExactly(5);
        assertThat(EncoderShapes.layers(6, 6)).containsExactly(0, 1, 2, 3, 4, 5);
    }
}
