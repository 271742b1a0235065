package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class FiguresTest {
    @Test
    void durations() {
        assertThat(Figures.duration(4.24)).isEqualTo("4.2 s");
        assertThat(Figures.duration(48.4)).isEqualTo("48 s");
        assertThat(Figures.duration(119.6)).isEqualTo("2 min");
        assertThat(Figures.duration(200)).isEqualTo("3 min 20 s");
        assertThat(Figures.duration(7_500)).isEqualTo("2 h 05 min");
        assertThat(Figures.clock(38)).isEqualTo("0:38");
        assertThat(Figures.clock(3_723)).isEqualTo("1:02:03");
    }

    @Test
    void quantities() {
        assertThat(Figures.quantity(0, "B")).isEqualTo("0 B");
        assertThat(Figures.quantity(999, "B")).isEqualTo("999 B");
        assertThat(Figures.quantity(999_600, "B")).isEqualTo("1 MB");
        assertThat(Figures.quantity(22_713_216, "")).isEqualTo("22.7 M");
        assertThat(Figures.quantity(34.6e12, "FLOP")).isEqualTo("34.6 TFLOP");
        assertThat(Figures.quantity(0.597, "Wh")).isEqualTo("0.597 Wh");
    }

    @Test
    void moneyAndShares() {
        assertThat(Figures.money(0.001123, "USD")).isEqualTo("0.0011 USD");
        assertThat(Figures.money(1234.5, "EUR")).isEqualTo("1,234.50 EUR");
        assertThat(Figures.money(0, "EUR")).isEqualTo("0 EUR");
        assertThat(Figures.percent(0.414)).isEqualTo("41%");
        assertThat(Figures.percent(0.0081)).isEqualTo("0.8%");
        assertThat(Figures.score(Double.NaN)).isEqualTo("–");
    }

    @Test
    void tablesAreAligned() {
        String table = TextTableFormat.of(
                        TextTableFormat.Column.words("Model"), TextTableFormat.Column.numbers("Accuracy"))
                .format(List.of(List.of("words\nagain", "0.69"), List.of("full", "0.8312")));
        assertThat(table).isEqualTo("""
                Model        Accuracy
                -----------  --------
                words again      0.69
                full           0.8312
                """);
    }

    @Test
    void verdicts() {
        assertThat(Verdict.of(SampleRun.summary()))
                .isEqualTo("Reached 0.831 validation accuracy (target 0.820, met after 48 s) in 62 s for 0.0011"
                        + " USD (estimated). On 2,000 test examples: 0.827 accuracy, 0.791 macro-F1. The bag-of-words"
                        + " baseline reached 0.691 there in 2.5 s: this model is 13.6 points better.");
        assertThat(Verdict.of(SampleRun.unknown()))
                .isEqualTo("Ended (interrupted) before its first evaluation, in 1.5 s.");
    }
}
