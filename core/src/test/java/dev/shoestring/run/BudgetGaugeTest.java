package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.cost.Cost;
import dev.shoestring.cost.Energy;
import dev.shoestring.cost.Money;
import dev.shoestring.recipe.StopSpec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BudgetGaugeTest {
    private static final Cost SPENT = new Cost(10, 20, 4e12, new Energy(50, Energy.ESTIMATED), new Money(0.25, "USD"));

    private static double spent(StopSpec.Budget budget, double evaluation) {
        return new BudgetGauge(budget).spent(SPENT, evaluation);
    }

    @Test
    void theTightestLimitCounts() {
        assertThat(spent(new StopSpec.Budget(Duration.ofSeconds(40), 0.5, "USD", 1000.0, 16e12), 0))
                .isCloseTo(0.5, within(1e-12));
        assertThat(spent(new StopSpec.Budget(null, null, "USD", 100.0, null), 0))
                .isCloseTo(0.5, within(1e-12));
        assertThat(spent(new StopSpec.Budget(null, null, "USD", null, 8e12), 0)).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void aLastEvaluationIsSetAside() {
        StopSpec.Budget seconds = new StopSpec.Budget(Duration.ofSeconds(12), null, "USD", null, null);
        assertThat(spent(seconds, 2)).isCloseTo(1, within(1e-12));
        // but never more than half
        assertThat(spent(seconds, 100)).isCloseTo(10.0 / 6, within(1e-12));
    }

    @Test
    void noLimitIsNeverSpent() {
        assertThat(spent(StopSpec.Budget.NONE, 5)).isZero();
    }
}
