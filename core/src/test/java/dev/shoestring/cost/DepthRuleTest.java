package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DepthRuleTest {
    private static final int[] WIDTHS =
            IntStream.rangeClosed(1, 400).map(i -> 32 * i).toArray();

    /** Of a transformer's 12 numbers for each layer and square of the width. */
    private static DepthRule.Size within(double parameters) {
        return Objects.requireNonNull(
                DepthRule.choose(WIDTHS, (layers, width) -> 12.0 * layers * width * width <= parameters));
    }

    @Test
    void theWidthsOfThePaper() {
        // What it says would have been best for the sizes of GPT-3 Small, Medium and XL (arXiv 2006.12467, table 1).
        assertThat(DepthRule.width(23)).isCloseTo(555, offset(6.0));
        assertThat(DepthRule.width(32)).isCloseTo(886, offset(30.0));
        assertThat(DepthRule.width(42)).isCloseTo(1550, offset(60.0));
    }

    @Test
    void theSizeThatFitsComesNearestToTheRule() {
        DepthRule.Size small = within(85e6);
        assertThat(small.layers()).isBetween(21, 25);
        assertThat((double) small.width()).isCloseTo(DepthRule.width(small.layers()), offset(32.0));
        assertThat(12.0 * small.layers() * small.width() * small.width()).isLessThanOrEqualTo(85e6);
        assertThat(within(5e6).layers()).isLessThan(small.layers());
    }

    @Test
    void aSmallBudgetGoesIntoWidthBeforeDepth() {
        // What was trained here: of each budget the best shape (docs/experiments.md, 2026-11-27).
        assertThat(within(1.22e6)).isEqualTo(new DepthRule.Size(2, 224));
        assertThat(within(2.46e6)).isEqualTo(new DepthRule.Size(3, 256));
        assertThat(within(4.92e6)).isEqualTo(new DepthRule.Size(6, 256));
        assertThat(DepthRule.width(2)).isEqualTo(256);
    }

    @Test
    void whatIsLeftAtAWidthGoesIntoDepth() {
        assertThat(within(30_000)).isEqualTo(new DepthRule.Size(2, 32));
        assertThat(within(50_000)).isEqualTo(new DepthRule.Size(4, 32));
        assertThat(DepthRule.choose(WIDTHS, (layers, width) -> false)).isNull();
    }
}
