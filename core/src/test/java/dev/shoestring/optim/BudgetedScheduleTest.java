package dev.shoestring.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.recipe.ScheduleSpec;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class BudgetedScheduleTest {
    private static final Schedule LINEAR = new Schedule(ScheduleSpec.Kind.WARMUP_LINEAR, 100, 10, 0);

    @Test
    void withMoneyLeftItIsTheScheduleItself() {
        BudgetedSchedule budgeted = new BudgetedSchedule(LINEAR, () -> 0.0, () -> 0);
        for (long step = 0; step < 100; step++) {
            assertThat(budgeted.factor(step)).isEqualTo(LINEAR.factor(step));
        }
    }

    @Test
    void decaysWithTheBudgetWhenThatIsSpentFirst() {
        AtomicReference<Double> spent = new AtomicReference<>(0.5);
        BudgetedSchedule budgeted = new BudgetedSchedule(LINEAR, spent::get, () -> 0);
        assertThat(budgeted.factor(20)).isEqualTo(LINEAR.factor(50));
        spent.set(1.0);
        assertThat(budgeted.factor(25)).isCloseTo(0, within(0.02));
    }

    @Test
    void whatWasSpentBeforeTheFirstStepIsNoPartOfTheWay() {
        Schedule warm = new Schedule(ScheduleSpec.Kind.WARMUP_LINEAR, 100, 10, 0);
        AtomicReference<Double> spent = new AtomicReference<>(0.2);
        BudgetedSchedule budgeted = new BudgetedSchedule(warm, spent::get, () -> 0.2);
        assertThat(budgeted.factor(0)).isEqualTo(warm.factor(0)).isEqualTo(0.1);
        spent.set(0.6);
        assertThat(budgeted.factor(20)).isCloseTo(warm.factor(50), within(0.02));
        spent.set(1.0);
        assertThat(budgeted.factor(25)).isCloseTo(0, within(0.02));
    }
}
