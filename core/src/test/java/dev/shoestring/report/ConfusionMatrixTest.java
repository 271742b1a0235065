package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ConfusionMatrixTest {
    private static final List<String> LABELS = List.of("a", "b", "c", "never");

    /** The expected numbers are those of scikit-learn's precision_recall_fscore_support and f1_score(average="macro"). */
    @Test
    void scoresOfASmallCase() {
        ConfusionMatrix matrix = ConfusionMatrix.of(
                LABELS, new int[] {0, 0, 0, 0, 1, 1, 1, 2, 2, 2}, new int[] {0, 0, 0, 1, 1, 1, 2, 2, 0, 1});

        assertThat(matrix.accuracy()).isEqualTo(0.6);
        assertThat(matrix.macroF1()).isEqualTo(0.5738095238, within(1e-9));
        ConfusionMatrix.LabelScore b = matrix.perLabel().get(1);
        assertThat(b.precision()).isEqualTo(0.5);
        assertThat(b.recall()).isEqualTo(2 / 3.0);
        assertThat(b.f1()).isEqualTo(4 / 7.0);
        assertThat(b.support()).isEqualTo(3);
        assertThat(matrix.perLabel().get(3).f1()).isZero();
    }

    @Test
    void topConfusionsAreTheMostFrequent() {
        ConfusionMatrix matrix = new ConfusionMatrix(List.of("a", "b"), new int[][] {{5, 2}, {7, 1}});
        assertThat(matrix.topConfusions(1)).containsExactly(new ConfusionMatrix.Confusion("b", "a", 7));
        assertThat(matrix.topConfusions(9)).hasSize(2);
    }

    @Test
    void withoutExamplesNothingIsClaimed() {
        ConfusionMatrix matrix = new ConfusionMatrix(List.of("a", "b"), new int[2][2]);
        assertThat(matrix.accuracy()).isNaN();
        assertThat(matrix.macroF1()).isNaN();
    }

    @Test
    void countsMustFitTheLabels() {
        assertThatThrownBy(() -> new ConfusionMatrix(List.of("a", "b"), new int[][] {{1}, {2}}))
                .hasMessage("counts[0] has 1 columns for 2 labels");
        assertThatThrownBy(() -> new ConfusionMatrix(List.of("a"), new int[][] {{-1}}))
                .hasMessage("counts[0] has the negative count -1");
    }
}
