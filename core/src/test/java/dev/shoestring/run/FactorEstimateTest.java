package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.report.SavingsReport;
import dev.shoestring.run.FactorEstimate.Spent;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FactorEstimateTest {
    private static List<Spent> reached(double... seconds) {
        return Arrays.stream(seconds).mapToObj(s -> new Spent(s, true)).toList();
    }

    @Test
    void aClearSavingPays() {
        FactorEstimate estimate = FactorEstimate.of(reached(200, 210, 190), reached(100, 100, 100));
        assertThat(estimate.factor().mean()).isCloseTo(2, within(0.01));
        assertThat(estimate.verdict()).isEqualTo("pays");
    }

    @Test
    void aClearLossDoesNot() {
        assertThat(FactorEstimate.of(reached(90, 91, 92), reached(100, 101, 102))
                        .verdict())
                .isEqualTo("does not pay here");
    }

    @Test
    void noiseCannotTellAndSaysHowManyMoreSeeds() {
        assertThat(FactorEstimate.of(reached(120, 90, 130), reached(100, 100, 100))
                        .verdict())
                .matches("cannot tell \\([0-9]+ more seeds\\)");
        assertThat(FactorEstimate.of(reached(120), reached(100)).verdict()).isEqualTo("cannot tell (2 more seeds)");
    }

    @Test
    void whatNeverReachesTheTargetIsABound() {
        FactorEstimate estimate =
                FactorEstimate.of(List.of(new Spent(300, false), new Spent(300, false)), reached(100, 100));
        assertThat(estimate.factor().bound()).isEqualTo(SavingsReport.Bound.LOWER);
        assertThat(estimate.verdict()).isEqualTo("pays");
    }

    @Test
    void aTechniqueThatMissesTheTargetHasAnUpperBoundAndDoesNotPay() {
        FactorEstimate estimate =
                FactorEstimate.of(reached(100, 100), List.of(new Spent(300, false), new Spent(300, false)));
        assertThat(estimate.factor().bound()).isEqualTo(SavingsReport.Bound.UPPER);
        assertThat(estimate.factor().low()).isZero();
        assertThat(estimate.verdict()).isEqualTo("does not pay here");
    }

    @Test
    void whereBothSidesMissTheTargetNothingIsSaid() {
        List<Spent> missed = List.of(new Spent(300, false), new Spent(300, false));
        FactorEstimate estimate = FactorEstimate.of(missed, missed);
        assertThat(estimate.factor().bound()).isEqualTo(SavingsReport.Bound.UNKNOWN);
        assertThat(estimate.verdict()).startsWith("cannot tell");
    }
}
