package dev.shoestring.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The loss of a pair against values computed by hand. */
final class PreferenceLossTest {
    private static final PreferenceLoss.Answers NOW = new PreferenceLoss.Answers(-1, -3);
    private static final PreferenceLoss.Answers BEFORE = new PreferenceLoss.Answers(-2, -2.5);

    /** Δ = (−1 + 2) − (−3 + 2.5) = 1.5, h = 0.75, −log σ(h) = log(1 + 0.4723666) = 0.386871. */
    @Test
    void valuesOfThePaper() {
        PreferenceLoss.Result result = new PreferenceLoss(0.5, 0, 0).of(NOW, BEFORE, 4);
        assertThat(result.margin()).isEqualTo(0.75);
        assertThat(result.value()).isCloseTo(0.386871, within(1e-6));
        assertThat(result.slopes().chosen()).isCloseTo(-0.160411, within(1e-6));
        assertThat(result.slopes().rejected()).isCloseTo(0.160411, within(1e-6));
    }

    /** Smoothing of a tenth adds a tenth of h; the chosen answer's mean cross-entropy is ¼. */
    @Test
    void smoothedAndWithTheChosenAnswersOwnLoss() {
        PreferenceLoss.Result result = new PreferenceLoss(0.5, 0.1, 2).of(NOW, BEFORE, 4);
        assertThat(result.value()).isCloseTo(0.386871 + 0.075 + 0.5, within(1e-6));
        assertThat(result.slopes().chosen()).isCloseTo(-0.110411 - 0.5, within(1e-6));
        assertThat(result.slopes().rejected()).isCloseTo(0.110411, within(1e-6));
    }

    @Test
    void slopesAreDerivatives() {
        PreferenceLoss loss = new PreferenceLoss(0.3, 0.2, 0.7);
        double step = 1e-6;
        PreferenceLoss.Result at = loss.of(NOW, BEFORE, 3);
        double chosen =
                loss.of(new PreferenceLoss.Answers(-1 + step, -3), BEFORE, 3).value();
        double rejected =
                loss.of(new PreferenceLoss.Answers(-1, -3 + step), BEFORE, 3).value();
        assertThat((chosen - at.value()) / step).isCloseTo(at.slopes().chosen(), within(1e-5));
        assertThat((rejected - at.value()) / step).isCloseTo(at.slopes().rejected(), within(1e-5));
    }

    @Test
    void farApartAnswersStayFinite() {
        PreferenceLoss loss = new PreferenceLoss(1, 0, 0);
        PreferenceLoss.Answers zero = new PreferenceLoss.Answers(0, 0);
        assertThat(loss.of(new PreferenceLoss.Answers(-9000, 0), zero, 1).value())
                .isEqualTo(9000);
        assertThat(loss.of(new PreferenceLoss.Answers(0, -9000), zero, 1).value())
                .isZero();
        assertThat(loss.of(new PreferenceLoss.Answers(-9000, 0), zero, 1)
                        .slopes()
                        .chosen())
                .isEqualTo(-1);
    }

    @Test
    void aMarginOfNothingIsNotRight() {
        PreferenceLoss.Result untrained = new PreferenceLoss(0.1, 0, 0).of(BEFORE, BEFORE, 1);
        PreferenceLoss.Result better = new PreferenceLoss(0.1, 0, 0).of(NOW, BEFORE, 1);
        PreferenceMetrics metrics = PreferenceMetrics.of(List.of(untrained, better));
        assertThat(PreferenceMetrics.of(List.of(untrained)).loss()).isCloseTo(Math.log(2), within(1e-12));
        assertThat(metrics.accuracy()).isEqualTo(0.5);
        assertThat(metrics.rewardMargin()).isCloseTo(0.075, within(1e-12));
    }

    @Test
    void impossibleNumbersAreRefused() {
        assertThatThrownBy(() -> new PreferenceLoss(0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PreferenceLoss(0.1, 0.5, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PreferenceLoss(0.1, 0, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
